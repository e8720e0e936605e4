"""SMFL and the rows of the paper's tables that are parts of it (method §8), each a choice of `SMFLSettings`."""

from __future__ import annotations

from dataclasses import replace

from smfl.nn.model import NetworkModel
from smfl.nn.smfl import SMFL, WHOLE, SMFLSettings

PAPER = "Zhang et al. 2025, doi 10.3389/fpsyt.2025.1439577"

MMFL_CA = replace(WHOLE, cmjat=False)
"""MMFL + Cross-Attention: SMFL without §2.6."""

MMFL = replace(MMFL_CA, cross_attention=False)
"""§2.5 alone: each modality's sequence and the fused one, all through TCN, self-attention and LSTM."""

TCN_LSTM_SA = replace(MMFL, fused=False)
"""TCN + LSTM + Self-Attention: MMFL without the fused sequence [decision: Table 3 has no MMFL, Table 4 no row of this
name; the difference that §2.5 makes between them is the Fusion Feature network]."""

TCN_SA = replace(TCN_LSTM_SA, context_levels=0, lstm=False)
"""TCN + Self-Attention: the sentence TCN, then self-attention between sentences."""

TCN_SA_CA = replace(TCN_SA, fused=True, cross_attention=True)
"""The same with the fused sequence, from which §2.7 takes its queries, and §2.7."""

LSTM_SA = replace(TCN_SA, encoder="lstm")
"""LSTM + Self-Attention: an LSTM reads the frames of a sentence in place of the TCN (§3.3.1.1: 'replacing TCN
(sentence) with LSTM')."""

LSTM_SA_CA = replace(TCN_SA_CA, encoder="lstm")
"""The same with the fused sequence and §2.7."""

TCN_SENTENCE = replace(TCN_SA, self_attention=False, attention_pooling=False)
"""TCN (sentence): the mean of each modality's sentence vectors."""

TCN_SENTENCE_LSTM = replace(TCN_SENTENCE, lstm=True)
"""TCN (sentence) + LSTM: the mean of the states of an LSTM over sentences."""


def _row(position: int, name: str, title: str, tables: str, settings: SMFLSettings) -> NetworkModel:
    return NetworkModel(
        name=name, title=title, reference=PAPER, tables=tables, network=SMFL, settings=settings, position=position
    )


SMFL_MODEL = _row(10, "smfl", "SMFL", "Tables 2–4", WHOLE)

MODEL = (
    SMFL_MODEL,
    _row(11, "mmfl-ca", "MMFL + Cross-Attention", "Table 4", MMFL_CA),
    _row(12, "mmfl", "MMFL", "Table 4", MMFL),
    _row(14, "tcn-sentence", "TCN (sentence)", "Tables 2–4", TCN_SENTENCE),
    _row(15, "tcn-sentence-lstm", "TCN (sentence) + LSTM", "Table 4", TCN_SENTENCE_LSTM),
    _row(16, "lstm-sa", "LSTM + Self-Attention", "Table 3", LSTM_SA),
    _row(17, "lstm-sa-ca", "LSTM + Self-Attention + Cross-Attention", "Tables 2, 3", LSTM_SA_CA),
    _row(18, "tcn-sa", "TCN + Self-Attention", "Table 3", TCN_SA),
    _row(19, "tcn-sa-ca", "TCN + Self-Attention + Cross-Attention", "Table 2", TCN_SA_CA),
    _row(20, "tcn-lstm-sa", "TCN + LSTM + Self-Attention", "Table 3", TCN_LSTM_SA),
)
