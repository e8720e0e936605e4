"""Tensors to tensors: the paper's network (`smfl.nn.smfl`), its parts, and other systems (`smfl.nn.models`).

Plain `torch.nn.Module`s for those who bring their own loop. Names of axes: B interviews, M sentences, T frames, D
features, H hidden channels; a mask is True where something is present.
"""

from smfl.nn.attention import SelfAttention, attend
from smfl.nn.batch import CLASSES, Batch, Output, Widths
from smfl.nn.evidence import BesideLine, LinearEvidence
from smfl.nn.fusion import CrossAttentionFusion, FusionFeature
from smfl.nn.joint_attention import JointAttention
from smfl.nn.model import ModelEntry, NetworkModel, Setting, Sizes
from smfl.nn.pooling import LastState, SentencePooling, pool_each, shares_of
from smfl.nn.products import LowRankFusion, TensorFusion
from smfl.nn.sentence import SentenceEncoder, SentenceEncoders
from smfl.nn.sequence import Context, GlobalFeatures
from smfl.nn.smfl import SMFL, SMFLSettings
from smfl.nn.tcn import TCN, receptive_field
from smfl.nn.transformer import CrossmodalTransformer, JointTransformer
from smfl.nn.units import Units, into_units

__all__ = [
    "CLASSES",
    "SMFL",
    "TCN",
    "Batch",
    "BesideLine",
    "Context",
    "CrossAttentionFusion",
    "CrossmodalTransformer",
    "FusionFeature",
    "GlobalFeatures",
    "JointAttention",
    "JointTransformer",
    "LastState",
    "LinearEvidence",
    "LowRankFusion",
    "ModelEntry",
    "NetworkModel",
    "Output",
    "SMFLSettings",
    "SelfAttention",
    "SentenceEncoder",
    "SentenceEncoders",
    "SentencePooling",
    "Setting",
    "Sizes",
    "TensorFusion",
    "Units",
    "Widths",
    "attend",
    "into_units",
    "pool_each",
    "receptive_field",
    "shares_of",
]
