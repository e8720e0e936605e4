"""The models that are networks: SMFL with the paper's ablations of it, and other systems, one file a family.

A file says all there is to say of its models: the network, its settings, where it comes from, what may be tuned. It
defines ``MODEL``, a `smfl.nn.model.NetworkModel` or a tuple of several; to put a file here is to register it.

Where a publication leaves something open, its file says what was decided. Decided for all of the paper's rows: a row
that doesn't claim attention pools sentences by their mean, for a pooling with learned weights is attention already;
the others pool as SMFL does. Only what §2.5 calls MMFL has a TCN over sentences beside the one inside them. Systems of
other papers encode a sentence by a perceptron on the mean of its frames, since their features are given by sentence,
by answer or by word; with the tuned recipe they have the same statistics as SMFL.
"""
