"""Which class of output a measure is, after the statbarns taxonomy, and which risks that class carries.

- The facts are in `statbarns.json`, from the taxonomy's own ontology; here is only the mapping from our measures.
- A measure without an entry has no rule path, and is refused on the exact route.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Classified:
    """An analysis type with its statbarn and that statbarn's risks."""

    analysis: str
    statbarn: str
    risks: tuple[str, ...]


@functools.cache
def classify(analysis: str) -> Classified:
    """The class of an analysis type of the taxonomy."""
    facts = _facts()
    statbarn = facts["analyses"][analysis]
    return Classified(analysis, statbarn, tuple(facts["statbarns"][statbarn]))


@functools.cache
def checks_for(risk: str) -> tuple[str, ...]:
    """The checks that the taxonomy asks for against a risk."""
    return tuple(_facts()["risks"][risk])


@functools.cache
def _facts() -> dict[str, dict[str, str]]:
    text = (importlib.resources.files("kernel_guard.vault.disclosure") / "statbarns.json").read_text(encoding="utf-8")
    facts: dict[str, dict[str, str]] = json.loads(text)
    return facts
