"""What a system is made of: a few choices and sizes, by which every row of the paper's tables differs from the others.

A network goes through five stages (`smfl.nn.network`), and each has its switches here:

1. units: an interview is cut into sentences, into windows of fixed length, or not at all; an encoder makes each a
   vector.
2. sequences: the units of each modality, the fused ones, or both go on.
3. between units: TCN, self-attention, a transformer across modalities, CMJAT, a recurrent network.
4. readout: from units to the interview.
5. fusion: from modalities to one vector, which a linear layer judges.
"""

from __future__ import annotations

from dataclasses import dataclass

from smfl.nn.tcn import receptive_field

MOST_FRAMES = 3000
"""Frames of a sentence that are read, counted back from its last, where an encoder has no receptive field of its own:
half a minute at 100 a second. One long sentence would otherwise set the size of the whole batch."""

CHOICES = {
    "units": ("sentence", "interview", "window"),
    "encoder": ("tcn", "lstm", "mean"),
    "transformer": ("", "crossmodal", "joint"),
    "recurrence": ("", "lstm", "bilstm", "bigru"),
    "readout": ("pooled", "last"),
    "fusion": ("concat", "tensor", "low-rank"),
}


@dataclass(frozen=True)
class Composition:
    """Which parts a system has, and how large they are.

    Args:
        units: ``sentence``; ``interview``: all of its frames are one sequence; ``window``: pieces of ``window`` frames.
        window: frames of a window; 25 are five seconds of the tuned recipe.
        encoder: of a unit's frames: ``tcn``, ``lstm``, or ``mean``: a small perceptron on their mean.
        levels: of the unit's TCN (paper: 5).
        kernel: of the unit's TCN (paper: 5).
        channels: H, an even number (paper: 12).
        dropout: paper: 0.5.
        alone: whether each modality's own sequence goes on.
        fused: whether the fused sequence of MMFL goes on.
        context_levels: of the TCN over units; 0 for none [decision: 2, of kernel 3, so 13 sentences are seen].
        context_kernel: of the TCN over units.
        self_attention: between units.
        transformer: ``crossmodal`` (Tsai et al. 2019) or ``joint`` (all modalities' units in a sequence); "" for none.
        layers: of the transformer.
        recurrence: over units: ``lstm``, ``bilstm``, ``bigru``; "" for none.
        residual: whether the recurrent states are added to what they have read.
        cross_attention: §2.7; needs ``fused``.
        cmjat: §2.6.
        strong: the modality that lifts.
        weak: the modalities that are lifted.
        permute: §2.6.2.
        heads: of every attention.
        readout: ``pooled`` over units, or the ``last`` one's state.
        pooling_heads: of the pooling over units; 0 for the mean.
        fusion: of the interview's vectors: ``concat``, ``tensor`` (Zadeh et al. 2017), ``low-rank`` (Liu et al. 2018).
        linear: whether a linear path over the sentences' statistics goes beside the deep one (ours, not the paper's).

    Raises:
        ValueError: for a choice that there isn't, or parts that don't fit each other.

    Example:
        >>> Composition(levels=4).frames_seen, Composition(units="interview").frames_seen
        (121, 3000)
        >>> Composition(encoder="cnn")
        Traceback (most recent call last):
            ...
        ValueError: encoder is 'cnn'; it is one of tcn, lstm, mean
    """

    units: str = "sentence"
    window: int = 25
    encoder: str = "tcn"
    levels: int = 5
    kernel: int = 5
    channels: int = 12
    dropout: float = 0.5
    alone: bool = True
    fused: bool = True
    context_levels: int = 2
    context_kernel: int = 3
    self_attention: bool = True
    transformer: str = ""
    layers: int = 2
    recurrence: str = "lstm"
    residual: bool = False
    cross_attention: bool = True
    cmjat: bool = True
    strong: str = "text"
    weak: tuple[str, ...] = ("video",)
    permute: bool = True
    heads: int = 2
    readout: str = "pooled"
    pooling_heads: int = 1
    fusion: str = "concat"
    linear: bool = False

    def __post_init__(self) -> None:
        for field, valid in CHOICES.items():
            if getattr(self, field) not in valid:
                named = ", ".join(name if name else repr(name) for name in valid)
                raise ValueError(f"{field} is {getattr(self, field)!r}; it is one of {named}")
        if not (self.alone or self.fused):
            raise ValueError("nothing goes on: neither each modality's own sequence (alone) nor the fused one (fused)")
        if self.cross_attention and not (self.alone and self.fused):
            raise ValueError("cross_attention asks each modality's own sequence (alone) by the fused one (fused)")
        if self.cmjat and not self.alone:
            raise ValueError("cmjat lifts a modality's own sequence; there is none (alone)")
        if self.transformer and self.fused:
            raise ValueError("a transformer is between the modalities' own sequences; there is no fused one beside it")

    @property
    def frames_seen(self) -> int:
        """How many of a sentence's last frames are read."""
        if self.encoder == "tcn" and self.units == "sentence":
            return receptive_field(self.levels, self.kernel)
        return MOST_FRAMES
