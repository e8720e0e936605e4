"""Voice, face and text: recordings and signals to time-stamped features, cut into sentences, in the store."""

from smfl.features.schema import Modality, Schema
from smfl.features.sentences import SentenceFeatures, cut, longest
from smfl.features.store import Prepared

__all__ = ["Modality", "Prepared", "Schema", "SentenceFeatures", "cut", "longest"]
