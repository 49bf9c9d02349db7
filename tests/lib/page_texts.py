"""The texts that the page may be shown by vault and server, read off their source as templates: `At most %1 groups.`

- The page knows a text by its template and says it in the reader's language, so every template must be in its list.
- `python -m tests.lib.page_texts` writes the list anew.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from kernel_guard.errors import error_types

ROOT = Path(__file__).parents[2]
LIST = ROOT / "extension" / "src" / "models" / "serverTexts.ts"
# What answers the page's own questions. Errors of a question in a cell are the kernel's output and stay as they are.
FILES = (
    "server/api.py", "server/review.py", "server/review_handlers.py", "server/settings.py",
    "trust/accounts.py", "trust/identity.py", "trust/oidc.py",
    "vault/desk.py", "vault/disclosure/coarser.py", "vault/disclosure/repairs.py",
    "vault/disclosure/rules/dominance.py",
    "vault/disclosure/rules/minimum.py", "vault/disclosure/rules/quantiles.py", "vault/disclosure/rules/ratios.py",
    "vault/review_service.py", "vault/service.py", "wire/http.py",
)  # fmt: skip
# All of the review speaks to the page, but for what an operator reads.
OPERATORS = ("bundle.py", "policies.py", "policy.py", "post.py")
MAKERS = {kind.__name__ for kind in error_types().values()} | {"Finding", "Repair", "_thin", "_refused"}
_SENTENCE = re.compile(r"(masked: .+|.*[A-Za-z].* .*[.?])\Z", re.DOTALL)
_HEAD = """/**
 * What vault and server may say to the page, as templates; a test compares the list with their source.
 *
 * - Written by `python -m tests.lib.page_texts`. Each is a message of the catalogue, so each must be translated.
 */
export const SERVER_TEXTS: readonly string[] = [
"""


def templates() -> list[str]:
    """Every template of the listed files, sorted."""
    package = ROOT / "kernel_guard"
    review = [path for path in sorted((package / "review").rglob("*.py")) if path.name not in OPERATORS]
    found = {text for path in [*(package / name for name in FILES), *review] for text in _of(path)}
    return sorted(text for text in found if _SENTENCE.match(text) and re.sub(r"%\d", "", text).strip(" .:"))


def _of(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in MAKERS:
            for given in [*node.args, *(keyword.value for keyword in node.keywords)]:
                yield from _texts(given)
        elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Constant, ast.Dict, ast.JoinedStr)):
            yield from _texts(node.value)
        elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            yield from _texts(node.value.elts[0])
        elif isinstance(node, ast.Return) and node.value is not None:
            yield from (text for text in _texts(node.value) if text.startswith("masked: "))


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            numbers = iter(range(1, len(parts) + 1))
            yield "".join(p.value if isinstance(p, ast.Constant) else f"%{next(numbers)}" for p in parts)  # type: ignore[misc]
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(one)
            yield from _texts(other)
        case ast.Dict(values=values):
            for value in values:
                yield from _texts(value)


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def listed() -> str:
    """The list as the page's source has it."""
    rows = ",\n".join(f"  {_quoted(text)}" for text in templates())
    return f"{_HEAD}{rows}\n];\n"


def _quoted(text: str) -> str:
    plain = json.dumps(text, ensure_ascii=False)
    return plain if "'" in text else "'" + plain[1:-1].replace('\\"', '"') + "'"


if __name__ == "__main__":
    LIST.write_text(listed(), encoding="utf-8")
