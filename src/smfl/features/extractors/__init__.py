"""The register of extractors: what measures a modality of an interview, one file an extractor.

`EXTRACTORS` finds them; `choose` says which of them measure an interview.
"""

from smfl.features.extractors.choosing import EXTRACTORS, Choice, Chosen, choose
from smfl.features.extractors.contract import Context, Extractor, Preference

__all__ = ["EXTRACTORS", "Choice", "Chosen", "Context", "Extractor", "Preference", "choose"]
