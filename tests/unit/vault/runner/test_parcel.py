"""What code handed over, read as hostile bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel_guard.plan.protected import Output, ProtectedAsk, TableUse
from kernel_guard.vault.runner.parcel import MAX_ANSWER_BYTES, read_answer, read_objects
from tests.lib.studies import STUDY

OUTPUTS = (Output("a", 0, 10, 5), Output("b", -1, 1, 0))
ASK = ProtectedAsk("s", (TableUse("person"),), 'n = "said"; release("t", n); release("u", n)')
GOOD = {"name": "t", "kind": "table", "columns": [["sex", "string"], ["n", "integer"]],
        "rows": [["f", 3]], "patients": [[1, 2, 2]]}  # fmt: skip


def line(document: Any) -> bytes:
    return json.dumps(document).encode() + b"\n"


def test_an_answer_is_clamped() -> None:
    assert read_answer(line({"answer": [12, -0.5]}), OUTPUTS) == [10, -0.5]


@pytest.mark.parametrize(
    "handed",
    [
        b"", b"\n", b"{", b"null\n", b"[1,2]\n", b'{"answer":[1,2]}', b'{"answer":[1]}\n', b'{"answer":[1,2,3]}\n',
        b'{"answer":[1,NaN]}\n', b'{"answer":[1,1e999]}\n', b'{"answer":[1,"2"]}\n', b'{"answer":[1,true]}\n',
        b'{"answer":[1,null]}\n', b'{"answer":[1,[2]]}\n', b'{"answer":[1,2],"x":0}\n',
        b'{"answer":[1,2],"answer":[3,4]}\n', b'{"answer":[1,2]}\n{"answer":[1,2]}\n', b'\xff{"answer":[1,2]}\n',
        b'{"answer":[1,' + b"9" * 400 + b"]}\n", b'{"answer":[1,2]' + b" " * MAX_ANSWER_BYTES + b"}\n",
    ],
)  # fmt: skip
def test_what_is_not_an_answer_is_the_default(handed: bytes) -> None:
    assert read_answer(handed, OUTPUTS) == [5, 0]


@given(st.binary(max_size=300))
def test_any_bytes_give_an_answer_within_bounds(handed: bytes) -> None:
    for value, output in zip(read_answer(handed, OUTPUTS), OUTPUTS, strict=True):
        assert output.lower <= value <= output.upper


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner)
                    | st.dictionaries(st.sampled_from([*GOOD, "x"]), inner), max_leaves=20))  # fmt: skip
def test_any_json_gives_the_declared_names(document: Any) -> None:
    assert list(read_objects(line(document), ASK, STUDY)) == ["t", "u"]


def test_a_table_is_read() -> None:
    found = read_objects(line(GOOD), ASK, STUDY)["t"]
    assert found is not None
    assert (found.columns, found.rows) == ((("sex", "string"), ("n", "integer")), (("f", 3),))
    assert found.claimed == (frozenset({1, 2}),) and found.texts_dropped == 0


def test_text_that_neither_code_nor_schema_holds_is_dropped() -> None:
    secret = {**GOOD, "columns": [["Ana Silva", "string"], ["n", "string"]], "rows": [["Ana", "said"], ["f", "(1, 2]"]]}
    found = read_objects(line(secret), ASK, STUDY)["t"]
    assert found is not None and found.texts_dropped == 2
    assert found.columns == (("column 1", "string"), ("n", "string"))
    assert found.rows == ((None, "said"), ("f", "(1, 2]"))


def test_numbers_keep_six_digits() -> None:
    found = read_objects(line({**GOOD, "columns": [["n", "float"]], "rows": [[1.23456789]]}), ASK, STUDY)["t"]
    assert found is not None and found.rows == ((1.23457,),)


def test_the_first_object_under_a_name_counts() -> None:
    second = {**GOOD, "rows": [["f", 4]]}
    found = read_objects(line(GOOD) + line(second), ASK, STUDY)["t"]
    assert found is not None and found.rows == (("f", 3),)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "script"}, {"name": "other"}, {"name": 3}, {"columns": []}, {"columns": [["n", "object"]]},
        {"columns": [["n"]]}, {"rows": [["f"]]}, {"rows": [[3, "f"]]}, {"rows": [["f", 2**60]]}, {"rows": {}},
        {"rows": [["f", 1.5]]}, {"rows": [["f", {"a": 1}]]}, {"x": 1}, {"rows": [["f", 1]] * 5_001},
    ],
)  # fmt: skip
def test_an_object_that_is_off_was_not_handed_over(change: dict[str, Any]) -> None:
    assert read_objects(line({**GOOD, **change}), ASK, STUDY) == {"t": None, "u": None}
