"""Tensors to tensors: TCN, attention, cross-modal joint attention, fusion, and the network made of them.

Plain `torch.nn.Module`s for those who bring their own loop. Names of axes: B interviews, M sentences, T frames, D
features, H hidden channels; a mask is True where something is present.
"""

from smfl.nn.attention import SelfAttention, attend
from smfl.nn.evidence import LinearEvidence
from smfl.nn.fusion import CrossAttentionFusion, FusionFeature
from smfl.nn.joint_attention import JointAttention
from smfl.nn.network import Batch, Composition, Network, Output
from smfl.nn.pooling import SentencePooling
from smfl.nn.sentence import SentenceEncoder
from smfl.nn.sequence import Context, GlobalFeatures
from smfl.nn.tcn import TCN, receptive_field

__all__ = [
    "TCN",
    "Batch",
    "Composition",
    "Context",
    "CrossAttentionFusion",
    "FusionFeature",
    "GlobalFeatures",
    "JointAttention",
    "LinearEvidence",
    "Network",
    "Output",
    "SelfAttention",
    "SentenceEncoder",
    "SentencePooling",
    "attend",
    "receptive_field",
]
