"""The systems that are networks, as compositions of the same few modules (method §8; the paper's Tables 2–4).

Decided for all of the paper's rows: a row that doesn't claim attention pools sentences by their mean, for a pooling
with learned weights is attention already; the others pool as SMFL does. Only what §2.5 calls MMFL has a TCN over
sentences beside the one inside them. A recipe may change sizes, and may set the linear path beside any of them.
"""

from __future__ import annotations

from dataclasses import replace

from smfl.interview import choice
from smfl.nn import Composition

SMFL = Composition()
"""Everything: §2.4 to §2.7."""

MMFL_CA = replace(SMFL, cmjat=False)
"""MMFL + Cross-Attention: SMFL without §2.6."""

MMFL = replace(MMFL_CA, cross_attention=False)
"""§2.5 alone: each modality's sequence and the fused one, all through TCN, self-attention and LSTM."""

TCN_LSTM_SA = replace(MMFL, fused=False)
"""TCN + LSTM + Self-Attention: MMFL without the fused sequence [decision: Table 3 has no MMFL, Table 4 no row of this
name; the difference that §2.5 makes between them is the Fusion Feature network]."""

TCN_SA = replace(TCN_LSTM_SA, context_levels=0, recurrence="")
"""TCN + Self-Attention: the sentence TCN, then self-attention between sentences."""

TCN_SA_CA = replace(TCN_SA, fused=True, cross_attention=True)
"""The same with the fused sequence that §2.7 asks by, and §2.7."""

LSTM_SA = replace(TCN_SA, encoder="lstm")
"""LSTM + Self-Attention: an LSTM reads the frames of a sentence in place of the TCN (§3.3.1.1: 'replacing TCN
(sentence) with LSTM')."""

LSTM_SA_CA = replace(TCN_SA_CA, encoder="lstm")
"""The same with the fused sequence and §2.7."""

TCN_SENTENCE = replace(TCN_SA, self_attention=False, pooling_heads=0)
"""TCN (sentence): the mean of each modality's sentence vectors."""

TCN_SENTENCE_LSTM = replace(TCN_SENTENCE, recurrence="lstm")
"""TCN (sentence) + LSTM: the mean of the states of an LSTM over sentences."""

TCN_ALL = replace(TCN_SENTENCE, units="interview")
r"""TCN (all): one TCN a modality over all of the participant's frames as one sequence; sentences aren't known.

[decision] The paper doesn't say how an interview becomes one vector. The state at the last frame has seen a few seconds
only (R = 249 frames, §3.2), and the fourteen levels that 90,000 frames need would make another network of it. So the
mean of the states is taken, and of those each :math:`2^{L-1}`-th: they lie much closer together than what each has
seen, so every frame takes part, at a fraction of the cost of all states (`smfl.nn.tcn`). Of a sentence longer than
`smfl.nn.composition.MOST_FRAMES` its last frames are read. Statistics, where a recipe has them, are those of the
sentences, by their shares of the frames. Dropout leaves a channel out of the whole interview at once, which is a strong
dropout: with few people and the paper's recipe this row learns less than the others do."""

_MEANS = replace(TCN_SENTENCE, encoder="mean")
"""What the systems of other papers start from here: a perceptron on the mean of a sentence's frames, since their
features are given by sentence, by answer or by word. With the tuned recipe they see the same statistics as SMFL
does."""

C_CNN = replace(_MEANS, alone=False, fused=True, context_levels=4, context_kernel=5, readout="last")
"""C-CNN (Haque et al. 2018, arXiv 1811.08592): words, voice and 3-D face of each sentence make one multi-modal sentence
embedding; a causal convolutional network reads these in time order, and its last output judges.

[decision] The paper's embeddings are trained elsewhere or measured from spectrograms and key points; here each
modality's vector is a perceptron on its mean, and the Fusion Feature network merges them. Four levels of kernel 5 see
121 sentences, so all that the threshold M leaves. The paper's second output, the score, isn't trained."""

ZOU_2022 = replace(_MEANS, recurrence="bilstm")
"""Zou et al. 2022 (doi 10.1109/TAFFC.2022.3181210), the baseline of the corpus CMDC: features of each answer in three
modalities, a bidirectional LSTM over the answers of each, and their fusion.

[decision] The article isn't open, so this row follows what the corpus's description and its released features show: a
sentence stands for an answer, its mean for the released vector (VGGish, BERT, TimeSformer); the states are averaged,
put beside each other, and judged by one layer. Published figures of the row in Table 3 are the paper's copy of another
paper's and needn't be met. Fusion by a crossmodal transformer is `MULT`."""

TFN = replace(_MEANS, fusion="tensor")
"""Tensor fusion (Zadeh et al. 2017, arXiv 1707.07250) of the interview's three vectors.

[decision] The original's words go through an LSTM, one word a step; here the vector of a sentence's words is there
already, so all modalities have the same perceptron and are averaged over sentences. Vectors are brought down to eight
numbers before the product: with a hundred people, 729 products are many."""

LMF = replace(_MEANS, fusion="low-rank")
"""Low-rank fusion (Liu et al. 2018, arXiv 1806.00064) of the same vectors, rank 4."""

MULT = replace(_MEANS, transformer="crossmodal", readout="last")
"""MulT (Tsai et al. 2019, arXiv 1906.00295): each modality in the light of each other one, judged by the last state.

[decision] The originals are frames and words, some hundreds of them; a step is a sentence here, whose modalities are
aligned by what a sentence is. Two layers each, where the original has four or more and thousands of clips. What comes
of the sources is brought back to H before a modality's own transformer."""

BIGRU_ATTENTION = replace(_MEANS, recurrence="bigru", pooling_heads=1)
"""Bidirectional GRU over sentences and attention pooling, one a modality: the upper half of hierarchical attention
(Yang et al. 2016, doi 10.18653/v1/N16-1174), as it is used on transcripts and voices of interviews (Shen et al. 2022,
arXiv 2202.08210)."""

WINDOW = replace(_MEANS, units="window", transformer="joint")
"""Fixed windows in the manner of *Reading Between the Frames* (Gimeno-Gómez et al. 2024, arXiv 2401.02746): windows of
each modality are encoded, given learned vectors of modality and position, and read by one transformer.

[decision] Windows are 25 frames, five seconds of the tuned recipe, about the original's. The original draws some
windows at random and averages over draws; here all are read at once, at most 96 evenly spaced ones. They are cut from
the participant's frames, as for every row. Words have no frames: a sentence is a window of them; the original reads
none, and ``window@video+audio`` doesn't either. Its networks for gaze, hands and emotions aren't there."""

COMPOSITIONS: dict[str, Composition] = {
    "smfl": SMFL,
    "mmfl": MMFL,
    "mmfl-ca": MMFL_CA,
    "tcn-all": TCN_ALL,
    "tcn-sentence": TCN_SENTENCE,
    "tcn-sentence-lstm": TCN_SENTENCE_LSTM,
    "lstm-sa": LSTM_SA,
    "lstm-sa-ca": LSTM_SA_CA,
    "tcn-sa": TCN_SA,
    "tcn-sa-ca": TCN_SA_CA,
    "tcn-lstm-sa": TCN_LSTM_SA,
    "c-cnn": C_CNN,
    "zou-2022": ZOU_2022,
    "tfn": TFN,
    "lmf": LMF,
    "mult": MULT,
    "bigru-attention": BIGRU_ATTENTION,
    "window": WINDOW,
}


def lifts(name: str) -> bool:
    """Whether a model of this name has CMJAT, so that strong and weak modalities mean something to it.

    Example:
        >>> lifts("smfl"), lifts("tcn-all"), lifts("majority")
        (True, False, False)
    """
    return name in COMPOSITIONS and COMPOSITIONS[name].cmjat


def composition_named(name: str) -> Composition:
    """The composition of this name.

    Raises:
        CallError: for an unknown name, with the nearest known one.

    Example:
        >>> composition_named("smfl").cmjat, composition_named("mmfl").cmjat
        (True, False)
    """
    return COMPOSITIONS[choice(name, list(COMPOSITIONS), what="model")]
