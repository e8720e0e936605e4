"""Tensors to tensors: TCN, attention, cross-modal joint attention, transformers, fusion, and the network made of them.

Plain `torch.nn.Module`s for those who bring their own loop. Names of axes: B interviews, M sentences, T frames, D
features, H hidden channels; a mask is True where something is present.
"""

from smfl.nn.attention import SelfAttention, attend
from smfl.nn.batch import Batch, Output
from smfl.nn.composition import Composition
from smfl.nn.evidence import LinearEvidence
from smfl.nn.fusion import CrossAttentionFusion, FusionFeature
from smfl.nn.joint_attention import JointAttention
from smfl.nn.network import Network
from smfl.nn.pooling import LastState, SentencePooling
from smfl.nn.products import LowRankFusion, TensorFusion
from smfl.nn.sentence import SentenceEncoder
from smfl.nn.sequence import Context, GlobalFeatures
from smfl.nn.tcn import TCN, receptive_field
from smfl.nn.transformer import CrossmodalTransformer, JointTransformer
from smfl.nn.units import Cut, cut_anew

__all__ = [
    "TCN",
    "Batch",
    "Composition",
    "Context",
    "CrossAttentionFusion",
    "CrossmodalTransformer",
    "Cut",
    "FusionFeature",
    "GlobalFeatures",
    "JointAttention",
    "JointTransformer",
    "LastState",
    "LinearEvidence",
    "LowRankFusion",
    "Network",
    "Output",
    "SelfAttention",
    "SentenceEncoder",
    "SentencePooling",
    "TensorFusion",
    "attend",
    "cut_anew",
    "receptive_field",
]
