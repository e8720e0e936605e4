"""The ideal observer's row: how well anyone could do on a simulated corpus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from smfl.evaluation.graded import COLUMNS
from smfl.features import Prepared
from smfl.interview import FeatureError

if TYPE_CHECKING:
    import pandas as pd

IDEAL = "ideal observer"
TRUTH = "truth.csv"
RATIO = "llr"
"""Column of the log-likelihood ratio; ``llr_<modality>`` of what one modality shows."""


def ideal_observer(
    known: Prepared, predictions: pd.DataFrame, modalities: Sequence[str] | None
) -> tuple[pd.DataFrame | None, str]:
    """Predictions from the true likelihood ratios, on the very rows on which the first model was tested.

    The probability is sigmoid(llr + log prior odds), the prior being the labelled interviews' share of positives.

    Args:
        known: labelled interviews; their folder holds `TRUTH` where the corpus is simulated.
        predictions: of at least one model.
        modalities: that the models read: for a single one its own ratio is taken.

    Returns:
        Rows of predictions, or None where there is no truth; and a remark, or nothing.

    Raises:
        FeatureError: where the table of truth lacks a column or an interview.
    """
    import pandas as pd
    from scipy.special import expit, logit

    path = known.folder / str(known.schema.source.get("truth") or TRUTH)
    if not path.exists():
        return None, ""
    truth = pd.read_csv(path, dtype={"interview": str})
    column = RATIO if modalities is None or len(modalities) != 1 else f"{RATIO}_{modalities[0]}"
    missing = [name for name in ("interview", column) if name not in truth]
    if missing:
        raise FeatureError(f"{path}: no column {', '.join(missing)}; delete the file to go without an ideal observer")
    ratios = truth.set_index("interview")[column]
    rows = predictions[predictions["model"] == predictions["model"].iloc[0]].copy()
    rows = rows.drop(columns=[name for name in COLUMNS if name in rows])  # of scores it says nothing
    unknown = sorted(set(rows["interview"]) - set(ratios.index))
    if unknown:
        raise FeatureError(
            f"{path}: no row for interview {unknown[0]}; it belongs to another corpus: prepare the folder anew"
        )
    prior = float(np.mean(known.labels))
    rows["model"] = IDEAL
    rows["probability"] = expit(ratios.loc[rows["interview"]].to_numpy(dtype=np.float64) + logit(prior))
    return rows, f"{IDEAL}: ranks by the true likelihood ratio ({column}); no model can do better but by chance"
