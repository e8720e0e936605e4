"""The whole network: SMFL and the systems beside it, each a composition of the same few modules (§2.4, Tables 2–4).

::

    frames ─ SentenceEncoder ┬ Context ─(CMJAT: text lifts video)─ GlobalFeatures ┐
                             └ FusionFeature ─ Context ─ GlobalFeatures ─ CrossAttentionFusion ─ SentencePooling ─
                             logits

That is SMFL. `Composition` says which of these parts another system has, and what stands in their place: units other
than sentences (`smfl.nn.units`), a transformer between modalities in place of context and CMJAT, the last state in
place of pooling, products of the modalities' vectors in place of cross-attention.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from smfl.nn.batch import Batch, Output
from smfl.nn.composition import Composition
from smfl.nn.evidence import LinearEvidence
from smfl.nn.fusion import CrossAttentionFusion, FusionFeature
from smfl.nn.joint_attention import JointAttention
from smfl.nn.pooling import LastState, SentencePooling
from smfl.nn.products import LowRankFusion, TensorFusion
from smfl.nn.sentence import SentenceEncoder
from smfl.nn.sequence import Context, GlobalFeatures
from smfl.nn.transformer import CrossmodalTransformer, JointTransformer
from smfl.nn.units import Cut, cut_anew

CLASSES = 2
FUSED = "fused"


class Network(nn.Module):
    """SMFL, or another system, as its composition says.

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
        whole = c.units == "interview"
        self.sentence = nn.ModuleDict(
            {
                name: SentenceEncoder(
                    inputs[name], statistics[name], h, c.encoder, c.levels, c.kernel, c.dropout, whole=whole
                )
                for name in inputs
            }
        )
        self.fusion_feature = FusionFeature(self.modalities, h, c.dropout) if c.fused else None
        sequences = (*(self.modalities if c.alone else ()), *((FUSED,) if c.fused else ()))
        self.context, self.transformer = _between_units(c, sequences)
        weak = [name for name in c.weak if c.cmjat and name in inputs and c.strong in inputs and name != c.strong]
        self.joint = nn.ModuleDict({name: JointAttention(h, c.heads, permute=c.permute) for name in weak})
        self.globals = nn.ModuleDict(
            {name: GlobalFeatures(h, c.recurrence, residual=c.residual) for name in sequences} if c.recurrence else {}
        )
        self.cross = CrossAttentionFusion(self.modalities, h, c.heads) if c.cross_attention else None
        read = sequences if self.cross is None else (FUSED,)
        self.pooling = nn.ModuleDict(
            {name: SentencePooling(h, c.pooling_heads) if c.readout == "pooled" else LastState() for name in read}
        )
        width = h * (max(c.pooling_heads, 1) if c.readout == "pooled" else 1)
        self.fusion = _products(c, sequences, width)
        if self.fusion is None:
            width *= len(sequences) if self.cross is None else 1 + len(self.modalities)
        self.dropout = nn.Dropout(c.dropout)
        self.head = nn.Linear(width if self.fusion is None else h, CLASSES)
        strong = c.strong if c.cmjat and topics[0] and c.strong in inputs else None
        self.linear = LinearEvidence(statistics, strong, topics) if c.linear else None

    def forward(self, batch: Batch) -> Output:
        """Logits and weights of each interview of a batch."""
        c, cut = self.composition, None
        if c.units != "sentence":
            cut = cut_anew(batch, c.window if c.units == "window" else None)
        states, present = self._encode(batch if cut is None else cut.batch)
        if self.fusion_feature is not None:
            fused = self.fusion_feature(states, present)
            states = {**states, FUSED: fused} if c.alone else {FUSED: fused}
            present[FUSED] = torch.stack([present[name] for name in self.modalities]).any(dim=0)
        if self.context:
            states = {name: self.context[name](x, present[name]) for name, x in states.items()}
        if self.transformer is not None:
            states = self.transformer(states, present)
        auxiliary = []
        for name, joint in self.joint.items():
            strong = c.strong
            states[name], present[name], logits = joint(states[strong], present[strong], states[name], present[name])
            auxiliary.append(logits)
        if self.globals:
            states = {name: self.globals[name](x, present[name]) for name, x in states.items()}
        vector, weights, by_modality = self._read(states, present)
        logits = self.head(self.dropout(vector)) + self._line(batch)
        return _told(logits, tuple(auxiliary), weights, by_modality, cut)

    def logits(self, batch: Batch) -> Tensor:
        """The logits alone, [B, 2]: what `forward` says, without the deep path where that has nothing to say."""
        silent = self.linear is not None and not self.head.weight.any()
        logits: Tensor = self.head.bias + self._line(batch) if silent else self(batch).logits
        return logits

    def _line(self, batch: Batch) -> Tensor | float:
        """The linear path's part of the logits."""
        if self.linear is None:
            return 0.0
        odds = self.linear(batch.statistics, batch.slots, batch.mask, batch.topics)
        return torch.stack([-odds, odds], dim=1) / 2

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

    def _read(
        self, states: Mapping[str, Tensor], present: Mapping[str, Tensor]
    ) -> tuple[Tensor, list[Tensor], dict[str, Tensor]]:
        """From units to the interview: its vector, the weights of each readout, and each modality's weights."""
        if self.cross is not None:
            fused = states[FUSED]
            joined, attention = self.cross(fused, states, present)
            vector, weights = self.pooling[FUSED](fused, joined, present[FUSED])
            return vector, [weights], {name: torch.einsum("bi,bij->bj", weights, a) for name, a in attention.items()}
        vectors, each = {}, {}
        for name, pooling in self.pooling.items():
            vectors[name], each[name] = pooling(states[name], states[name], present[name])
        if self.fusion is None:
            vector = torch.cat(list(vectors.values()), dim=-1)
        else:
            vector = self.fusion(vectors, {name: present[name].any(dim=1) for name in vectors})
        by_modality = {name: each[name] if name in each else each[FUSED] * present[name] for name in self.modalities}
        return vector, list(each.values()), by_modality


def _between_units(
    c: Composition, sequences: tuple[str, ...]
) -> tuple[nn.ModuleDict, CrossmodalTransformer | JointTransformer | None]:
    """What makes units know of each other within a modality, and across modalities."""
    heads = c.heads if c.self_attention else 0
    context = nn.ModuleDict()
    if c.context_levels or heads:
        for name in sequences:
            context[name] = Context(c.channels, c.context_levels, c.context_kernel, heads, c.dropout)
    if not c.transformer:
        return context, None
    kind = CrossmodalTransformer if c.transformer == "crossmodal" else JointTransformer
    return context, kind(sequences, c.channels, c.layers, c.heads, c.dropout)


def _products(c: Composition, names: tuple[str, ...], width: int) -> TensorFusion | LowRankFusion | None:
    """What multiplies the modalities' vectors; None where they are put beside each other."""
    if c.fusion == "tensor":
        return TensorFusion(names, width, c.channels, dropout=c.dropout)
    return LowRankFusion(names, width, c.channels) if c.fusion == "low-rank" else None


def _told(
    logits: Tensor,
    auxiliary: tuple[Tensor, ...],
    weights: list[Tensor],
    by_modality: dict[str, Tensor],
    cut: Cut | None,
) -> Output:
    """The output; where units weren't sentences, with weights on the sentences that their frames are from."""
    if cut is not None:
        by_modality = {name: cut.on_sentences(name, x) for name, x in by_modality.items()}
        weights = list(by_modality.values())
    mean = torch.stack(weights).mean(dim=0)
    return Output(logits, auxiliary, mean / mean.sum(dim=1, keepdim=True).clamp(min=1e-12), by_modality)
