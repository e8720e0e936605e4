r"""The linear path: log-odds from averages and from words times signals, beside a network (ours, not the paper's).

With a hundred people the first question to a network is whether it beats a line. So the tuned recipe puts one beside
it, whatever the network: `BesideLine` adds the log-odds of `LinearEvidence` to its logits. For an interview with n
sentences, let :math:`z^m_i` be the standardised statistics of sentence i in modality m, and :math:`\tilde z^m_i` the
same less the person's mean,

.. math:: e = b + \sum_m a_m \cdot \bar z^m
              + \frac{1}{\sqrt n} \sum_i (g_i - \bar g) \sum_m v_m \cdot \tilde z^m_i
              + \frac{1}{\sqrt n} \sum_{m\,weak} \sum_i (u_m \cdot \tilde t_i)(w_m \cdot \tilde z^m_i),
          \qquad g_i = h_i + \nu (h_{i-1} + h_{i+1}), \quad h_i = \sum_c \gamma_{c, k_c(i)},\ \gamma \ge 0

The first sum is logistic regression on averages. The others are a minimal form of CMJAT: the words decide which
sentences count. In the second, the topic :math:`k_c(i)` of a sentence, in each of some codebooks
(`smfl.training.inputs.topics`), opens a gate :math:`g_i` for all modalities alike, and a little for the sentences
before and after it, since an answer goes on for some sentences (:math:`\nu`, `NEIGHBOURS`); the directions v are
weights of the signals where the gate is open, compared with the person's sentences where it is closed. In the third,
the feeling in the words counts: for each weak modality one direction u in the words' statistics :math:`\tilde t_i`,
such as from glad to sad, and one direction w in that modality. All start from a closed form
(`smfl.training.linear.start`), and training goes on from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from smfl.nn.batch import Batch, Output

NEIGHBOURS = 0.15
"""How far a sentence's gate opens the gates before and after it."""


class LinearEvidence(nn.Module):
    """Log-odds from averages over sentences, and from sentences weighted by their topics and feelings.

    Args:
        statistics: by modality, P: each sentence's statistics, then the same less the person's mean.
        strong: the modality whose topics open the gates; None for averages alone.
        topics: codebooks, and topics in each.

    Shape:
        - statistics: by modality [N, P]; slots: by modality [N, 2]; mask: [B, M]; topics: by modality [N, codebooks];
          as in `smfl.nn.Batch`
        - output: [B]

    Example:
        >>> evidence = LinearEvidence({"text": 6, "audio": 4}, strong="text", topics=(1, 2))
        >>> slots = torch.tensor([[0, 0], [0, 1]])
        >>> evidence({"text": torch.randn(2, 6), "audio": torch.randn(2, 4)}, {"text": slots, "audio": slots},
        ...          torch.ones(1, 2, dtype=torch.bool), {"text": torch.tensor([[0], [1]])}).shape
        torch.Size([1])
    """

    def __init__(self, statistics: Mapping[str, int], strong: str | None, topics: tuple[int, int] = (0, 0)) -> None:
        super().__init__()
        self.columns = {name: width // 2 for name, width in statistics.items()}
        self.strong = strong
        self.average = nn.ParameterDict({name: nn.Parameter(torch.zeros(n)) for name, n in self.columns.items()})
        self.bias = nn.Parameter(torch.zeros(()))
        gated = self.columns if strong is not None else {}
        self.signs = nn.ParameterDict({name: nn.Parameter(torch.zeros(n)) for name, n in gated.items()})
        self.gate = nn.Parameter(torch.zeros(topics)) if strong is not None else None
        weak = [name for name in gated if name != strong]
        self.words = nn.ParameterDict({name: nn.Parameter(torch.zeros(gated[str(strong)])) for name in weak})
        self.shown = nn.ParameterDict({name: nn.Parameter(torch.zeros(gated[name])) for name in weak})

    def forward(
        self,
        statistics: Mapping[str, Tensor],
        slots: Mapping[str, Tensor],
        mask: Tensor,
        topics: Mapping[str, Tensor] | None = None,
    ) -> Tensor:
        """The log-odds of each interview; a modality that it lacks adds nothing."""
        total = self.bias.expand(len(mask))
        for name, n in self.columns.items():
            odds = statistics[name][:, :n] @ self.average[name]
            interviews = slots[name][:, 0]
            count = torch.bincount(interviews, minlength=len(mask)).clamp(min=1)
            total = total + odds.new_zeros(len(mask)).index_add(0, interviews, odds) / count
        if self.strong is not None and topics is not None:
            gate = self.gates(topics[self.strong], slots[self.strong], mask)
            signs = sum(
                _placed(statistics[name][:, n:] @ self.signs[name], slots[name], mask)
                for name, n in self.columns.items()
            )
            odds = gate * signs
            words = statistics[self.strong][:, self.columns[self.strong] :]
            for name, direction in self.words.items():
                feeling = _placed(words @ direction, slots[self.strong], mask)
                signals = statistics[name][:, self.columns[name] :]
                odds = odds + feeling * _placed(signals @ self.shown[name], slots[name], mask)
            total = total + odds.sum(dim=1) / mask.sum(dim=1).clamp(min=1).sqrt()
        return total

    def gates(self, topics: Tensor, slots: Tensor, mask: Tensor) -> Tensor:
        """How far each sentence's gate is open, less the person's mean; zero for a sentence without words: [B, M].

        Args:
            topics: [N, codebooks] of the sentences with words.
            slots: [N, 2], theirs.
            mask: [B, M].
        """
        if self.gate is None:
            return torch.zeros(mask.shape, device=mask.device)
        books = torch.arange(len(self.gate), device=topics.device)
        opened = self.gate.clamp(min=0)[books, topics].sum(dim=1)
        present = _placed(torch.ones_like(opened), slots, mask)
        gate = present * with_neighbours(_placed(opened, slots, mask))
        return present * (gate - gate.sum(dim=1, keepdim=True) / present.sum(dim=1, keepdim=True).clamp(min=1))


class BesideLine(nn.Module):
    """A network and a linear path beside it: the sum of their logits.

    Args:
        network: from a `Batch` to an `Output`.
        linear: from a batch's statistics to log-odds.

    Shape: see `smfl.nn.Batch` and `smfl.nn.Output`.
    """

    def __init__(self, network: nn.Module, linear: LinearEvidence) -> None:
        super().__init__()
        self.network = network
        self.linear = linear

    def forward(self, batch: Batch) -> Output:
        """The network's output, with the sum of both as its logits."""
        output: Output = self.network(batch)
        return replace(output, logits=output.logits + self._line(batch))

    def logits(self, batch: Batch) -> Tensor:
        """The logits alone, [B, 2]: those of `forward`, without running the network where its last layer is zero."""
        head = self._head()
        if head is not None and not head.weight.any():
            return head.bias + self._line(batch)
        both: Tensor = self(batch).logits
        return both

    @torch.no_grad()
    def start_at_line(self) -> None:
        """Set the network's last layer to zero, so that training starts from the linear path alone.

        A network whose last layer isn't a linear one called ``head`` starts as it is.
        """
        head = self._head()
        if head is not None:
            for parameter in head.parameters():
                parameter.zero_()

    def _head(self) -> nn.Linear | None:
        head = getattr(self.network, "head", None)
        return head if isinstance(head, nn.Linear) and head.bias is not None else None

    def _line(self, batch: Batch) -> Tensor:
        odds = self.linear(batch.statistics, batch.slots, batch.mask, batch.topics)
        return torch.stack([-odds, odds], dim=1) / 2


def with_neighbours(gate: Tensor) -> Tensor:
    """Each sentence's gate and a share of its neighbours', [B, M].

    Example:
        >>> with_neighbours(torch.tensor([[0.0, 1.0, 0.0, 0.0]])).tolist()
        [[0.15000000596046448, 1.0, 0.15000000596046448, 0.0]]
    """
    neighbours = torch.zeros_like(gate)
    neighbours[:, 1:] += gate[:, :-1]
    neighbours[:, :-1] += gate[:, 1:]
    return gate + NEIGHBOURS * neighbours


def _placed(values: Tensor, slots: Tensor, mask: Tensor) -> Tensor:
    """One number a sentence, at its place; zero where the modality is missing: [B, M]."""
    return values.new_zeros(mask.shape).index_put((slots[:, 0], slots[:, 1]), values)
