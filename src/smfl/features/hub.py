"""Whether the Hugging Face hub gives a model, and what an error says, in one line."""

from __future__ import annotations

TIMEOUT_S = 10.0


def hub_error(name: str) -> Exception | None:
    """Why the hub doesn't give a model; None where it does. One request, where loading would retry for a minute.

    Args:
        name: on the hub, ``owner/model``.
    """
    from huggingface_hub import HfApi

    try:
        HfApi().model_info(name, timeout=TIMEOUT_S)
    except Exception as fault:  # of whichever HTTP library the hub's client was built with
        return fault
    return None


def first_line(fault: Exception) -> str:
    r"""The first line of an error's message, or its class where it has none.

    Example:
        >>> first_line(OSError("no such model; see\nhttps://example.org")), first_line(ValueError())
        ('no such model; see', 'ValueError')
    """
    return (str(fault).strip() or type(fault).__name__).splitlines()[0]
