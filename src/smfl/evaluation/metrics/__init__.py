"""The metrics of §3.1 (Eq. 7–11), those that small, unbalanced samples need beside them, and those that users bring.

One file a family: areas under curves, decisions at a threshold, probabilities, and the graded tasks. A metric of your
own is a plugin (`smfl.interview.register`) that has a `Metric`, or a tuple of them, under the name ``METRIC``, or a
`GradedMetric` under the name ``GRADED_METRIC``; it then stands in every table behind these.
"""

from smfl.evaluation.metrics.contract import EXAMPLE_LABELS, EXAMPLE_PROBABILITIES, GradedMetric, Metric, metric
from smfl.interview.register import Register

METRICS = Register(Metric, "METRIC", "smfl.evaluation.metrics", what="metric")
"""All metrics of labels by name, in the order of the tables."""

GRADED = Register(GradedMetric, "GRADED_METRIC", "smfl.evaluation.metrics", what="graded metric")
"""All metrics of scores and bands by name, in the order of the tables."""

__all__ = ["EXAMPLE_LABELS", "EXAMPLE_PROBABILITIES", "GRADED", "METRICS", "GradedMetric", "Metric", "metric"]
