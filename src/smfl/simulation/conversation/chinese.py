"""What the made-up people of Chinese corpora say: short sentences of our own, negative, neutral or positive."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smfl.simulation.model import VALENCES, Latent

CLAUSES: dict[str, tuple[str, ...]] = {
    "negative": (
        "晚上总是睡不着",
        "做什么都提不起劲",
        "心里一直很沉重",
        "饭也吃不下多少",
        "总觉得对不起家里人",
        "工作上老是出错",
        "很久没有开心过了",
        "早上起来就觉得累",
        "不太想见朋友",
        "以后的事不敢想",
    ),
    "neutral": (
        "平时坐地铁去上班",
        "周末在家里收拾东西",
        "中午一般在食堂吃饭",
        "我们那里冬天比较冷",
        "家里有四口人",
        "学的是会计专业",
        "搬到这个城市三年了",
        "晚上会看一会儿新闻",
        "房子离公司不太远",
        "上个月换了一部手机",
    ),
    "positive": (
        "周末跟朋友爬山很高兴",
        "最近睡得挺香的",
        "孩子考得不错，大家都开心",
        "新工作我很喜欢",
        "做饭的时候心情特别好",
        "一家人出去玩很热闹",
        "养的花都开了",
        "打完球浑身舒服",
        "对明年挺有信心的",
        "邻居都很和气",
    ),
}
SELF_OPENERS = ("我觉得", "我自己", "我感觉", "说实话我", "我这段时间")
OTHER_OPENERS = ("", "嗯，", "其实", "大概", "一般来说")


def say(rng: np.random.Generator, valence: str, *, self_focus: bool) -> str:
    """One sentence.

    Example:
        >>> say(np.random.default_rng(0), "negative", self_focus=True).startswith("我")
        True
    """
    openers, clauses = SELF_OPENERS if self_focus else OTHER_OPENERS, CLAUSES[valence]
    return openers[int(rng.integers(len(openers)))] + clauses[int(rng.integers(len(clauses)))]


def answer(rng: np.random.Generator, latent: Latent, sentences: Sequence[int]) -> str:
    """The sentences of these numbers as one answer, with full stops."""
    return "".join(
        f"{say(rng, VALENCES[latent.valence[i]], self_focus=bool(latent.self_focus[i]))}。" for i in sentences
    )
