"""How large the code is: files, lines, lines of code and waivers, by folder. Run: ``python tools/size.py [FOLDER …]``.

A line of code is a line with a token of the language that is neither a comment nor a docstring; layout counts, so the
same code formatted otherwise may count a few lines more or less. Statements don't depend on layout.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable
from pathlib import Path

WAIVER = re.compile(r"#\s*(noqa|type:\s*ignore|fmt:\s*(skip|off)|pragma:)")
FOLDERS = ("src/smfl", "bench", "tools", "examples", "tests")
COLUMNS = ("files", "lines", "code", "statements", "waivers")
_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def size(source: str) -> tuple[int, int, int, int]:
    r"""Lines, lines of code, statements and waivers of a source text.

    Example:
        >>> size('"A docstring."\n\nx = [1,\n     2]  # noqa: E501\n')
        (4, 2, 1, 1)
    """
    tree = ast.parse(source)
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
    described = {line for node in texts for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    code: set[int] = set()
    waivers = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and WAIVER.match(token.string):
            waivers += 1
        if token.type not in _LAYOUT:
            code |= set(range(token.start[0], token.end[0] + 1))
    statements = sum(isinstance(node, ast.stmt) for node in ast.walk(tree)) - len(texts)
    return len(source.splitlines()), len(code - described), statements, waivers


def table(folders: Iterable[str]) -> list[tuple[str, ...]]:
    """A row a folder that is there: its name, files, lines, lines of code, statements, waivers."""
    rows = []
    for folder in folders:
        sizes = [size(path.read_text(encoding="utf-8")) for path in sorted(Path(folder).rglob("*.py"))]
        if sizes:
            rows.append((folder, str(len(sizes)), *(str(sum(column)) for column in zip(*sizes, strict=True))))
    return rows


if __name__ == "__main__":
    for row in [("", *COLUMNS), *table(sys.argv[1:] or FOLDERS)]:
        sys.stdout.write(f"{row[0]:12}" + "".join(f"{cell:>12}" for cell in row[1:]) + "\n")
