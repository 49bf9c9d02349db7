"""Scripts that a widget may bring into the page, by digest.

- A script in the page can do what its reader can do; so only scripts that were reviewed and are listed here.
- The list is `approved_scripts.json` beside this file: {"scripts": {sha256: name}, "styles": {sha256: name}}. It is
  part of the package and changes only with a release.
"""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

_LIST = Path(__file__).with_name("approved_scripts.json")


def is_approved(script: Any, style: Any) -> bool:
    """Are this script and this style on the list? A widget without a style has none to approve."""
    return isinstance(script, str) and _digest(script) in _listed("scripts") and is_approved_style(style)


def is_approved_style(style: Any) -> bool:
    """Is this style on the list, or absent?"""
    return style in (None, "") or (isinstance(style, str) and _digest(style) in _listed("styles"))


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()


@functools.cache
def _listed(kind: str) -> frozenset[str]:
    return frozenset(json.loads(_LIST.read_text(encoding="utf-8"))[kind])
