"""What computed a result: versions, processor, date. A figure without them can't be traced."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

PACKAGES = ("smfl", "numpy", "scipy", "pandas", "scikit-learn", "torch")
_CPU_INFO = Path("/proc/cpuinfo")


def environment() -> dict[str, object]:
    """Python, package versions, processor, cores and the date (UTC), as ``results.json`` has them.

    Example:
        >>> sorted(environment())
        ['cores', 'cpu', 'date', 'packages', 'platform', 'python']
    """
    return {
        "python": platform.python_version(),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "platform": platform.platform(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _cpu() -> str:
    if _CPU_INFO.exists():
        for line in _CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
