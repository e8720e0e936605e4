"""Topics: what a sentence is about, found without labels in the training people's words.

Which of a person's sentences tell something is a question about what they are about, and a hundred labels can't answer
it for each of an embedding's several hundred directions. They can for some thirty topics. Sentence vectors of one topic
lie together, so k-means finds them; where its borders fall depends on its random start, so several such codebooks are
kept, and each sentence has one topic in each.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

CODEBOOKS = 8
FEWEST_SENTENCES = 8
"""A topic has at least so many of the training people's sentences on average; few people, fewer topics."""


class Topics:
    """Codebooks of topics.

    Args:
        prototypes: float32 [codebooks, topics, D], the mean direction of each topic's sentence vectors.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> about = np.repeat(np.eye(3), 20, axis=0) + rng.normal(0, 0.1, (60, 3))
        >>> topics = Topics.found_in(about.astype("f4"), topics=3)
        >>> found = topics.of(about.astype("f4"))
        >>> found.shape, len(set(found[:20, 0])), len(set(found[:, 0]))
        ((60, 8), 1, 3)
    """

    def __init__(self, prototypes: Floats) -> None:
        self.prototypes = prototypes

    @property
    def shape(self) -> tuple[int, int]:
        """Codebooks, and topics in each."""
        return self.prototypes.shape[0], self.prototypes.shape[1]

    @classmethod
    def found_in(cls, vectors: Floats, topics: int, codebooks: int = CODEBOOKS) -> Topics:
        """Cluster sentence vectors, [S, D], by their directions.

        Args:
            vectors: of all training sentences with words.
            topics: in each codebook, where there are sentences enough.
            codebooks: how many times.
        """
        from sklearn.cluster import KMeans

        directions = _directions(vectors)
        count = max(1, min(topics, len(vectors) // FEWEST_SENTENCES))
        fits = [KMeans(count, n_init=1, random_state=seed).fit(directions) for seed in range(codebooks)]
        return cls(np.stack([fit.cluster_centers_ for fit in fits]).astype(np.float32))

    def of(self, vectors: Floats) -> Indices:
        """The topic of each sentence in each codebook, [S, codebooks]: its nearest prototype."""
        directions = _directions(vectors)
        sizes = (self.prototypes**2).sum(axis=2)
        return np.stack(
            [
                (size - 2 * directions @ book.T).argmin(axis=1)
                for book, size in zip(self.prototypes, sizes, strict=True)
            ],
            axis=1,
        ).astype(np.int64)


def _directions(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, np.finfo(np.float32).tiny), dtype=np.float32)
