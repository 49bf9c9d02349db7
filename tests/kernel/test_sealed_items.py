"""What a guarded kernel shows can be asked to leave as it was shown, and nothing else can."""

from __future__ import annotations

import copy
import json
import time
import uuid
from typing import Any

import pytest

from kernel_guard.errors import KernelGuardError, RequestInvalid
from kernel_guard.trust.labels import KEY, NUMBERS
from tests.lib.kernels import Cell, Session
from tests.lib.vaults import Vault

RELEASE = """
import kernel_guard.client as kg
study = kg.open("demo-hospital")
found = study["person"].groupby("gender_concept_id").count_patients().release(epsilon=0.3)
"""
TABLE = "found.plain().to_frame('n')"
FIGURE = """
%matplotlib inline
axes = found.plain().plot.bar()
axes.set_ylabel("patients")
None
"""
MODEL = """
import pandas as pd, statsmodels.api as sm
sm.OLS(found.plain().to_numpy(), [[1, i] for i in range(len(found))]).fit()
"""


@pytest.fixture(scope="module")
def shown(session: Session) -> dict[str, dict[str, Any]]:
    """Kind → what the dialog sends for it."""
    assert session.run(RELEASE).status == "ok"
    return {"table": item(session.run(TABLE)), "figure": item(session.run(FIGURE)), "model": item(session.run(MODEL))}


def item(cell: Cell) -> dict[str, Any]:
    assert cell.status == "ok", cell.text
    (output,) = [one for one in cell.of("display_data", "execute_result") if NUMBERS in one["data"]]
    # As a notebook on disk holds it.
    numbers = json.loads(json.dumps(output["data"][NUMBERS]))
    return {**numbers, "name": "Shown", "seal": output["metadata"][KEY]}


def ask(vault: Vault, given: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    body = {"project": "p1", "item": given, "key": uuid.uuid4().hex}
    return vault.client(token).post_json("/v1/review/basket", json.dumps(body).encode())


@pytest.mark.parametrize("kind", ["table", "figure", "model"])
def test_what_was_shown_is_taken_with_the_releases_behind_it(
    shown: dict[str, Any], running_vault: Vault, kind: str
) -> None:
    deadline = time.monotonic() + 20  # the wrapper tells its key beside the kernel's work
    while True:
        try:
            found = ask(running_vault, shown[kind])
            break
        except RequestInvalid:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    (kept,) = [one for one in found["items"] if one["kind"] == kind]
    assert len(kept["content"]["releases"]) == 1 and kept["class"] in ("derived", "model")
    assert kept["seal"]["releases"] == kept["content"]["releases"]


def test_a_changed_number_an_invented_release_and_no_seal_are_refused(
    shown: dict[str, Any], running_vault: Vault
) -> None:
    changed = copy.deepcopy(shown["table"])
    changed["content"]["rows"][0][-1] = 7
    freed = copy.deepcopy(shown["table"])
    freed["seal"]["releases"] = []
    for given in (changed, freed, {**shown["table"], "seal": {}}, {**shown["table"], "kind": "figure"}):
        with pytest.raises(RequestInvalid):
            ask(running_vault, given)
    bare = {key: value for key, value in shown["table"].items() if key != "seal"}
    with pytest.raises(RequestInvalid, match="no seal"):
        ask(running_vault, bare)


def test_the_kernel_cannot_make_a_key_of_its_own_known(shown: dict[str, Any], session: Session) -> None:
    code = """
import json
try:
    study._transport.post_json("/v1/wrapper-keys", json.dumps({"public_key": "00" * 32}).encode())
    print("TAKEN")
except Exception as error:
    print(type(error).__name__, error)
"""
    said = session.run(code).text
    assert "TAKEN" not in said and "Forbidden" in said, said


def test_a_key_of_another_persons_kernel_vouches_for_nothing(shown: dict[str, Any], running_vault: Vault) -> None:
    from kernel_guard.vault.admin import add_grant

    eve = add_grant(
        running_vault.settings, user="eve", project="p1", studies=["demo-hospital"], purpose="tests", days=1
    )
    with pytest.raises(KernelGuardError, match="no seal"):
        ask(running_vault, shown["table"], eve)
