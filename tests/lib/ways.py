"""`docs/ways-out.md`: the table of ways out with the attacks that try each. `python -m tests.lib.ways` writes it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from kernel_guard.wrapper.rules.ways import WAYS
from tests.lib.arena import ATTACKS, load

PAGE = Path(__file__).parents[2] / "docs" / "ways-out.md"
_HEAD = """# Every way out of the guarded kernel

What a kernel says is never passed on. Each message is checked, judged by a rule and made anew from the fields that may
pass; the table below names every field of every message, and every way that is not a message. It is the table in
`kernel_guard/wrapper/rules/ways.py`. The last column names the attacks (`tests/attacks/kernel/`) that try the way; run
them with `python -m pytest tests/attacks`. Ways marked *open* exist and are measured, not closed.

| channel | message | field | what becomes of it | attacks |
|---|---|---|---|---|
"""
_OPEN = """
## What is open

A researcher's kernel holds no patient data, so these carry nothing out of the vault: they are ways from the kernel to
the person who runs it, past the rules and the labels.

| attack | how | measured |
|---|---|---|
"""


def page() -> str:
    """The page as it should be."""
    tried: dict[str, list[str]] = defaultdict(list)
    loaded = [load(path) for path in ATTACKS]
    for attack in loaded:
        tried[attack.way].append(attack.path.stem[:3])
    rows = [f"| {way.channel} | {way.message} | {way.field} | {way.rule} | {' '.join(tried[way.id])} |" for way in WAYS]
    opened = [f"| {one.path.stem} | {one.idea} | {one.bandwidth} |" for one in loaded if one.open]
    return _HEAD + "\n".join(rows) + "\n" + _OPEN + "\n".join(opened) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
