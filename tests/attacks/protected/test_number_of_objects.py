"""Hand over as many objects as the secret is long, in an order that spells it, some twice.

Source: channels in counts and order. Must be absent: any difference in number and order of what is told.
"""

from __future__ import annotations

from tests.attacks.protected.conftest import Attempt

CODE = """
if len(found):
    release("b", {"value": 1}); release("b", {"value": 2}); release("a", {"value": 3})
else:
    release("a", {"value": 1}); release("c", {"value": 1})
"""


def test_number_and_order_are_those_of_the_text(attempt: Attempt) -> None:
    left = attempt(CODE)
    assert left.answer["names"] == ["b", "a", "c", "control"]
    sealed = {w.name: w.content and w.content["rows"] for w in attempt.beside.sealed(left)}
    assert sealed == {"b": [["value", 1]], "a": [["value", 3]], "c": None, "control": sealed["control"]}
    listed = attempt.beside.gate.protected_objects(attempt.beside.token)
    assert [o["state"] for o in listed if o["run"] == left.answer["run"]] == ["pending"] * 4
