r"""SMFL, the network of the paper, from top to bottom (Zhang et al. 2025, doi 10.3389/fpsyt.2025.1439577).

To be read beside the paper: section and equation numbers are the paper's. B interviews, M sentences in each, T frames
in a sentence, D features in a frame, H = 12 channels. A sentence may lack a modality, and interviews differ in length:
a mask says what is present, and nothing else reaches a result.

::

              §2.4                    §2.5                           §2.6    §2.5        §2.7
    text  ─ sentence TCN ─┬────────────────── TCN ─ self-attention ─┬──────── LSTM ─┐
    video ─ sentence TCN ─┼────────────────── TCN ─ self-attention ─┴ CMJAT ─ LSTM ─┤
    audio ─ sentence TCN ─┼────────────────── TCN ─ self-attention ────────── LSTM ─┼ cross-attention ─ pooling ─ logits
    fused                 └─ Fusion Feature ─ TCN ─ self-attention ────────── LSTM ─┘

**§2.4, sentence-granularity features.** For each modality m, a temporal convolutional network (TCN) reads the frames
of sentence i; its state at the last frame is the sentence's vector :math:`x^m_i \in R^H`.

**§2.5, MMFL: multi-modal feature learning.** The Fusion Feature network merges the vectors of a sentence into a
fourth, :math:`x^{fuse}_i = f(x^{text}_i, x^{audio}_i, x^{video}_i)`. Each of the four sequences of sentences goes
through a TCN, through self-attention, and after §2.6 through an LSTM, whose states are the global features :math:`F_m
\in R^{M \times H}`.

**§2.6, CMJAT: cross-modal joint attention.** The strong modality, text, enhances the weak one, video. Each is mapped
to queries, keys and values (Eq. 3–5); in training these are permuted at random (§2.6.2); text and video are
concatenated along the sentences, and every sentence of either attends to all sentences of both (Eq. 6):

.. math::
    Q = F W_Q + b_Q, \quad K = F W_K + b_K, \quad V = F W_V + b_V \qquad \text{(3, 4, 5)} \\
    sim = \text{einsum}(\text{'b i d, b j d → b i j'}, Q, K), \quad out = \text{softmax}(sim / \sqrt d) \, V \qquad
    \text{(6)}

The enhanced video is mixed by a weight w that is learned, :math:`w \cdot out^{text} + (1 - w) \cdot out^{video}`. A
dense layer on it predicts the label as well, and the loss of that prediction tunes w (§2.6.4).

**§2.7, feature fusion.** The fused sequence queries each modality, and each normalised answer is multiplied with it:

.. math:: F_m^{CA} = \text{norm}(\text{attention}(F_{fuse} W_q, F_m W_k, F_m W_v)) \odot F_{fuse}

A fully connected layer on :math:`[F_{fuse}; F_{text}^{CA}; F_{audio}^{CA}; F_{video}^{CA+CMJAT}]` gives the logits.

Where the paper leaves something open: **[decision]** CMJAT acts on the sequences, before the LSTM, for on one global
vector a softmax over a single key does nothing. **[decision]** The concatenation has one vector for each sentence;
they are pooled with attention weights, which are what a reader is shown. **[decision]** The TCN over sentences has 2
levels of kernel 3, so it sees 13 sentences.

The parts have files of their own: §2.4 `smfl.nn.sentence` and `smfl.nn.tcn`; §2.5 `smfl.nn.fusion` and
`smfl.nn.sequence`; §2.6, with the permutation of §2.6.2, `smfl.nn.joint_attention`; Eq. 6 `smfl.nn.attention`; §2.7
`smfl.nn.fusion`; pooling `smfl.nn.pooling`. How it is trained is in `smfl.training`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from smfl.nn.batch import CLASSES, Batch, Output, Widths
from smfl.nn.fusion import CrossAttentionFusion, FusionFeature
from smfl.nn.joint_attention import JointAttention
from smfl.nn.pooling import SentencePooling, pool_each, shares_of
from smfl.nn.sentence import SentenceEncoders
from smfl.nn.sequence import Context, GlobalFeatures

FUSED = "fused"
"""The name of the fourth sequence, beside those of the modalities."""


@dataclass(frozen=True)
class SMFLSettings:
    """Sizes, and the switches by which the paper's ablations (Tables 2–4) differ from SMFL.

    Args:
        channels: H, an even number (paper: 12).
        dropout: share (paper: 0.5).
        heads: of every attention; divides H.
        encoder: of a sentence's frames (§2.4): ``tcn``, or ``lstm`` (Table 3).
        levels: of the sentence TCN (paper: 5).
        kernel: of the sentence TCN (paper: 5).
        fused: whether there is the fused sequence (§2.5).
        context_levels: of the TCN over sentences (§2.5); 0 for none.
        context_kernel: of the TCN over sentences.
        self_attention: whether there is self-attention between sentences (§2.5).
        cmjat: whether there is cross-modal joint attention (§2.6).
        strong: the modality that enhances.
        weak: the modalities that are enhanced.
        permute: whether CMJAT permutes sentences in training (§2.6.2).
        lstm: whether there is an LSTM over sentences (§2.5).
        residual: whether the states of the LSTM are added to what it has read; ours, not the paper's.
        cross_attention: whether the fused sequence queries the modalities (§2.7).
        attention_pooling: whether sentences are pooled by attention weights; else by their mean.

    Raises:
        ValueError: for an unknown encoder, or cross-attention without the fused sequence, which has the queries.

    Example:
        >>> SMFLSettings(encoder="cnn")
        Traceback (most recent call last):
            ...
        ValueError: encoder is 'cnn'; it is tcn or lstm
    """

    channels: int = 12
    dropout: float = 0.5
    heads: int = 2
    encoder: str = "tcn"
    levels: int = 5
    kernel: int = 5
    fused: bool = True
    context_levels: int = 2
    context_kernel: int = 3
    self_attention: bool = True
    cmjat: bool = True
    strong: str = "text"
    weak: tuple[str, ...] = ("video",)
    permute: bool = True
    lstm: bool = True
    residual: bool = False
    cross_attention: bool = True
    attention_pooling: bool = True

    def __post_init__(self) -> None:
        if self.encoder not in ("tcn", "lstm"):
            raise ValueError(f"encoder is {self.encoder!r}; it is tcn or lstm")
        if self.cross_attention and not self.fused:
            raise ValueError("cross_attention takes its queries from the fused sequence; set fused")


WHOLE = SMFLSettings()
"""Everything: §2.4 to §2.7."""


class SMFL(nn.Module):
    """The network of the paper.

    Args:
        widths: features per frame, and per sentence beside them, of each modality.
        settings: sizes and switches; by default the whole of SMFL.

    Shape:
        - batch: see `smfl.nn.Batch`
        - output: see `smfl.nn.Output`

    Example:
        >>> slots, there = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), torch.ones(4, 9, dtype=torch.bool)
        >>> batch = Batch({"text": torch.randn(4, 9, 6)}, {"text": there}, {"text": torch.zeros(4, 0)}, {"text": slots},
        ...               torch.ones(2, 2, dtype=torch.bool))
        >>> SMFL(Widths({"text": 6}, {"text": 0}))(batch).logits.shape
        torch.Size([2, 2])
    """

    def __init__(self, widths: Widths, settings: SMFLSettings = WHOLE) -> None:
        super().__init__()
        self.settings = s = settings
        self.modalities = widths.modalities
        sequences = (*self.modalities, FUSED) if s.fused else self.modalities
        weak = [name for name in s.weak if s.cmjat and {name, s.strong} <= set(self.modalities) and name != s.strong]
        heads = s.heads if s.self_attention else 0

        # §2.4
        self.sentence = SentenceEncoders(
            widths, s.channels, s.encoder, levels=s.levels, kernel=s.kernel, dropout=s.dropout
        )
        self.max_frames = self.sentence.max_frames  # how many frames of a sentence are read: the paper's TCN sees 249
        # §2.5: the fused sequence; TCN over sentences and self-attention
        self.fusion_feature = FusionFeature(self.modalities, s.channels, s.dropout) if s.fused else None
        self.context = nn.ModuleDict(
            {name: Context(s.channels, s.context_levels, s.context_kernel, heads, s.dropout) for name in sequences}
        )
        # §2.6
        self.cmjat = nn.ModuleDict({name: JointAttention(s.channels, s.heads, permute=s.permute) for name in weak})
        # §2.5: the LSTM, whose states are the global features
        self.lstm = nn.ModuleDict(
            {name: GlobalFeatures(s.channels, residual=s.residual) for name in sequences} if s.lstm else {}
        )
        # §2.7
        self.cross = CrossAttentionFusion(self.modalities, s.channels, s.heads) if s.cross_attention else None
        pooled = [FUSED] if s.cross_attention else sequences
        self.pooling = nn.ModuleDict({name: SentencePooling(s.channels, int(s.attention_pooling)) for name in pooled})
        vectors = 1 + len(self.modalities) if s.cross_attention else len(sequences)
        self.dropout = nn.Dropout(s.dropout)
        self.head = nn.Linear(vectors * s.channels, CLASSES)

    def forward(self, batch: Batch) -> Output:
        """Logits and weights of each interview of a batch."""
        # §2.4: x^m, by modality [B, M, H], and where a sentence has the modality, [B, M]
        states, present = self.sentence(batch)
        # §2.5: the fused sequence beside the others; then each sentence in the context of the interview
        if self.fusion_feature is not None:
            states[FUSED] = self.fusion_feature(states, present)
            present[FUSED] = torch.stack([present[name] for name in self.modalities]).any(dim=0)
        states = {name: self.context[name](x, present[name]) for name, x in states.items()}
        # §2.6: the strong modality enhances the weak ones, permuted in training; each then predicts the label by itself
        auxiliary, strong = [], self.settings.strong
        for weak, joint in self.cmjat.items():
            states[weak], present[weak], logits = joint(states[strong], present[strong], states[weak], present[weak])
            auxiliary.append(logits)
        # §2.5: the global features F, [B, M, H] each
        if self.lstm:
            states = {name: self.lstm[name](x, present[name]) for name, x in states.items()}
        # §2.7: from four sequences to one vector, and from that to the label
        vector, sentences, modalities = self._fuse(states, present)
        return Output(self.head(self.dropout(vector)), tuple(auxiliary), sentences, modalities)

    def _fuse(
        self, states: Mapping[str, Tensor], present: Mapping[str, Tensor]
    ) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """The vector of each interview, the weights of its sentences, and those of each modality's sentences."""
        if self.cross is None:  # rows of the paper without §2.7: each sequence pooled by itself, side by side
            vectors, weights = pool_each(self.pooling, states, present)
            by_modality = {name: weights[name] for name in self.modalities}
            return torch.cat(list(vectors.values()), dim=-1), shares_of(weights.values()), by_modality
        joined, attention = self.cross(states[FUSED], states, present)  # [B, M, 4 H]; by modality [B, M, M]
        vector, weight = self.pooling[FUSED](states[FUSED], joined, present[FUSED])
        # how much of a modality's sentence j is read: by each fused sentence i that attends to it, as i is pooled
        by_modality = {name: torch.einsum("bi,bij->bj", weight, a) for name, a in attention.items()}
        return vector, shares_of([weight]), by_modality
