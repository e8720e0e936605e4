"""The whole network: SMFL and the systems beside it, each a composition of the same few modules (§2.4, Tables 2–4).

::

    frames ─ SentenceEncoder ┬ Context ─(CMJAT: text lifts video)─ GlobalFeatures ┐
                             └ FusionFeature ─ Context ─ GlobalFeatures ─ CrossAttentionFusion ─ SentencePooling ─
                             logits
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn

from smfl.nn.evidence import LinearEvidence
from smfl.nn.fusion import CrossAttentionFusion, FusionFeature
from smfl.nn.joint_attention import JointAttention
from smfl.nn.pooling import SentencePooling
from smfl.nn.sentence import SentenceEncoder
from smfl.nn.sequence import Context, GlobalFeatures

CLASSES = 2


@dataclass(frozen=True)
class Composition:
    """Which parts a system has, and how large they are.

    Args:
        encoder: ``tcn`` or ``lstm``, over a sentence's frames.
        levels: of the sentence TCN (paper: 5).
        kernel: of the sentence TCN (paper: 5).
        channels: H (paper: 12).
        dropout: paper: 0.5.
        context_levels: of the TCN over sentences; 0 for none [decision: 2, of kernel 3, so 13 sentences are seen].
        self_attention: between sentences.
        lstm: over sentences.
        residual: whether the LSTM's states are added to what they have read.
        fused: the fused sequence of MMFL.
        cross_attention: §2.7; needs ``fused``.
        cmjat: §2.6.
        strong: the modality that lifts.
        weak: the modalities that are lifted.
        permute: §2.6.2.
        heads: of every attention.
        pooling_heads: of the pooling over sentences; 0 for the mean.
        linear: whether a linear path over the sentences' statistics goes beside the deep one (ours, not the paper's).
    """

    encoder: str = "tcn"
    levels: int = 5
    kernel: int = 5
    channels: int = 12
    dropout: float = 0.5
    context_levels: int = 2
    self_attention: bool = True
    lstm: bool = True
    residual: bool = False
    fused: bool = True
    cross_attention: bool = True
    cmjat: bool = True
    strong: str = "text"
    weak: tuple[str, ...] = ("video",)
    permute: bool = True
    heads: int = 2
    pooling_heads: int = 1
    linear: bool = False


@dataclass(frozen=True, eq=False)
class Batch:
    """Ragged interviews as tensors. Only sentences that are present are encoded.

    Args:
        frames: by modality [N, T, D], right-aligned.
        frame_mask: by modality [N, T].
        statistics: by modality [N, S]; S may be 0.
        slots: by modality [N, 2], int64: the interview and the sentence that each row of frames is.
        mask: [B, M], True where the interview has a sentence.
        topics: by modality [N, codebooks], int64: what each sentence is about; codebooks may be 0.
    """

    frames: Mapping[str, Tensor]
    frame_mask: Mapping[str, Tensor]
    statistics: Mapping[str, Tensor]
    slots: Mapping[str, Tensor]
    mask: Tensor
    topics: Mapping[str, Tensor] = field(default_factory=dict)

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on another device."""
        moved = {
            part: {name: x.to(device) for name, x in getattr(self, part).items()}
            for part in ("frames", "frame_mask", "statistics", "slots", "topics")
        }
        return replace(self, mask=self.mask.to(device), **moved)


@dataclass(frozen=True, eq=False)
class Output:
    """What the network says.

    Args:
        logits: [B, 2].
        auxiliary: logits of CMJAT's own prediction [B, 2], one for each weak modality.
        sentence_weights: [B, M], each interview's sum to 1: what share of the decision is read where.
        modality_weights: by modality [B, M]: the cross-attention's share of each sentence; empty without it.
    """

    logits: Tensor
    auxiliary: tuple[Tensor, ...]
    sentence_weights: Tensor
    modality_weights: Mapping[str, Tensor]


class Network(nn.Module):
    """SMFL, or a part of it, as its composition says.

    Args:
        inputs: by modality, features per frame.
        statistics: by modality, features per sentence beside them; 0 for none.
        composition: the parts.
        topics: codebooks, and topics in each, of the strong modality's sentences; (0, 0) for none.

    Shape:
        - batch: see `Batch`
        - output: see `Output`

    Example:
        >>> there = torch.ones(4, 9, dtype=torch.bool)
        >>> slots = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
        >>> batch = Batch({"text": torch.randn(4, 9, 6)}, {"text": there}, {"text": torch.zeros(4, 0)}, {"text": slots},
        ...               torch.ones(2, 2, dtype=torch.bool))
        >>> Network({"text": 6}, {"text": 0}, Composition(weak=()))(batch).logits.shape
        torch.Size([2, 2])
    """

    linear: LinearEvidence | None

    def __init__(
        self,
        inputs: Mapping[str, int],
        statistics: Mapping[str, int],
        composition: Composition,
        topics: tuple[int, int] = (0, 0),
    ) -> None:
        super().__init__()
        c = composition
        self.composition = c
        self.modalities = tuple(inputs)
        h = c.channels
        self.sentence = nn.ModuleDict(
            {
                name: SentenceEncoder(inputs[name], statistics[name], h, c.encoder, c.levels, c.kernel, c.dropout)
                for name in inputs
            }
        )
        self.fusion_feature = FusionFeature(self.modalities, h, c.dropout) if c.fused else None
        sequences = (*self.modalities, "fused") if c.fused else self.modalities
        heads = c.heads if c.self_attention else 0
        self.context = nn.ModuleDict({name: Context(h, c.context_levels, 3, heads, c.dropout) for name in sequences})
        weak = [name for name in c.weak if c.cmjat and name in inputs and c.strong in inputs and name != c.strong]
        self.joint = nn.ModuleDict({name: JointAttention(h, c.heads, permute=c.permute) for name in weak})
        self.globals = nn.ModuleDict(
            {name: GlobalFeatures(h, residual=c.residual) for name in sequences} if c.lstm else {}
        )
        self.cross = CrossAttentionFusion(self.modalities, h, c.heads) if c.fused and c.cross_attention else None
        width = h * (len(sequences) if self.cross is None else 1 + len(self.modalities))
        if self.cross is None:
            self.pooling = nn.ModuleDict({name: SentencePooling(h, c.pooling_heads) for name in sequences})
        else:
            self.pooling = nn.ModuleDict({"fused": SentencePooling(h, c.pooling_heads)})
        self.dropout = nn.Dropout(c.dropout)
        self.head = nn.Linear(width * max(c.pooling_heads, 1), CLASSES)
        strong = c.strong if c.cmjat and topics[0] and c.strong in inputs else None
        self.linear = LinearEvidence(statistics, strong, topics) if c.linear else None

    def forward(self, batch: Batch) -> Output:
        """Logits and weights of each interview of a batch."""
        states, present = self._encode(batch)
        if self.fusion_feature is not None:
            states["fused"] = self.fusion_feature(states, present)
            present["fused"] = torch.stack([present[name] for name in self.modalities]).any(dim=0)
        states = {name: self.context[name](x, present[name]) for name, x in states.items()}
        auxiliary = []
        for name, joint in self.joint.items():
            strong = self.composition.strong
            states[name], present[name], logits = joint(states[strong], present[strong], states[name], present[name])
            auxiliary.append(logits)
        if self.globals:
            states = {name: self.globals[name](x, present[name]) for name, x in states.items()}
        pooled, sentence_weights, modality_weights = self._pool(states, present)
        logits = self.head(self.dropout(pooled))
        if self.linear is not None:
            odds = self.linear(batch.statistics, batch.slots, batch.mask, batch.topics)
            logits = logits + torch.stack([-odds, odds], dim=1) / 2
        return Output(logits, tuple(auxiliary), sentence_weights, modality_weights)

    def _encode(self, batch: Batch) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The sentence vectors [B, M, H] of each modality, and where they are present [B, M]."""
        states, present = {}, {}
        for name in self.modalities:
            there = torch.zeros_like(batch.mask)
            vectors = batch.statistics[name].new_zeros((*batch.mask.shape, self.composition.channels))
            slots = batch.slots[name]
            if len(slots):
                encoded = self.sentence[name](batch.frames[name], batch.frame_mask[name], batch.statistics[name])
                where = (slots[:, 0], slots[:, 1])
                there = there.index_put(where, there.new_ones(len(slots)))
                vectors = vectors.index_put(where, encoded)
            states[name], present[name] = vectors, there
        return states, present

    def _pool(
        self, states: Mapping[str, Tensor], present: Mapping[str, Tensor]
    ) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        if self.cross is not None:
            fused = states["fused"]
            joined, attention = self.cross(fused, states, present)
            pooled, weights = self.pooling["fused"](fused, joined, present["fused"])
            by_modality = {name: torch.einsum("bi,bij->bj", weights, a) for name, a in attention.items()}
            return pooled, weights, by_modality
        parts, each = [], []
        for name, pooling in self.pooling.items():
            part, weights = pooling(states[name], states[name], present[name])
            parts.append(part)
            each.append(weights)
        mean = torch.stack(each).mean(dim=0)
        return torch.cat(parts, dim=-1), mean / mean.sum(dim=1, keepdim=True).clamp(min=1e-12), {}
