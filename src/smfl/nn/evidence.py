r"""The linear path: what averages and words-times-signals say, beside the deep path (our addition; tuned recipe).

With a hundred people the first question to a network is whether it beats a line. So the line is a part of it. For an
interview with n sentences, let :math:`z^m_i` be the standardised statistics of sentence i in modality m, and
:math:`\tilde z^m_i` the same less the person's own mean,

.. math:: e = b + \sum_m a_m \cdot \bar z^m
              + \frac{1}{\sqrt n} \sum_{m\,weak} \sum_i (u_m \cdot \tilde t_i)(v_m \cdot \tilde z^m_i)

with :math:`\tilde t_i` the strong modality's part. The first sum is logistic regression on averages, a modality at a
time. The second is CMJAT's idea at its smallest: for each weak modality one direction u in the words says which of
the person's sentences count, and one direction v in the face (or the voice) what to look for there. It starts from a
closed form (`smfl.training.linear_start`) and is trained on with the rest.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class LinearEvidence(nn.Module):
    """Log-odds from averages over sentences, and from averages weighted by the words.

    Args:
        statistics: by modality, P: each sentence's statistics, then the same less the person's own mean.
        strong: the modality whose words weigh all others; None, or one that isn't there, for no weighing.

    Shape:
        - statistics: by modality [N, P]; slots: by modality [N, 2]; mask: [B, M], as in `smfl.nn.Batch`
        - output: [B]

    Example:
        >>> evidence = LinearEvidence({"text": 6, "audio": 4}, strong="text")
        >>> slots = torch.tensor([[0, 0], [0, 1]])
        >>> evidence({"text": torch.randn(2, 6), "audio": torch.randn(2, 4)}, {"text": slots, "audio": slots},
        ...          torch.ones(1, 2, dtype=torch.bool)).shape
        torch.Size([1])
    """

    def __init__(self, statistics: Mapping[str, int], strong: str | None) -> None:
        super().__init__()
        columns = {name: width // 2 for name, width in statistics.items()}
        self.columns = columns
        self.strong = strong if strong in columns else None
        self.average = nn.ParameterDict({name: nn.Parameter(torch.zeros(n)) for name, n in columns.items()})
        self.bias = nn.Parameter(torch.zeros(()))
        weak = [name for name in columns if name != strong] if self.strong else []
        self.words = nn.ParameterDict({name: nn.Parameter(torch.zeros(columns[str(strong)])) for name in weak})
        self.signs = nn.ParameterDict({name: nn.Parameter(torch.zeros(columns[name])) for name in weak})

    def forward(self, statistics: Mapping[str, Tensor], slots: Mapping[str, Tensor], mask: Tensor) -> Tensor:
        """The log-odds of each interview; a modality that it lacks says nothing."""
        total = self.bias.expand(len(mask))
        for name, n in self.columns.items():
            said = statistics[name][:, :n] @ self.average[name]
            interviews = slots[name][:, 0]
            count = torch.bincount(interviews, minlength=len(mask)).clamp(min=1)
            total = total + said.new_zeros(len(mask)).index_add(0, interviews, said) / count
        for name, words in self.words.items():
            strong = str(self.strong)
            weight = _placed(statistics[strong][:, self.columns[strong] :] @ words, slots[strong], mask)
            sign = _placed(statistics[name][:, self.columns[name] :] @ self.signs[name], slots[name], mask)
            total = total + (weight * sign).sum(dim=1) / mask.sum(dim=1).clamp(min=1).sqrt()
        return total


def _placed(values: Tensor, slots: Tensor, mask: Tensor) -> Tensor:
    """One number a sentence, at its place; zero where the modality is missing: [B, M]."""
    return values.new_zeros(mask.shape).index_put((slots[:, 0], slots[:, 1]), values)
