"""Protected code from a notebook: tried on mock rows, run by the vault while the kernel stands still, then shown."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.conftest import guarded_environment
from tests.lib.kernels import OWN, Cell, Session, open_session
from tests.lib.vaults import POLICY, STUDY, Vault, make_vault

PRIVATE = "%%protected --private epsilon=2 blocks=8 bounds=1900:2020 seconds=0.3 study.person[year_of_birth]\n"
REVIEW = "%%protected seconds=1 study.person study.measurement[value_as_number]\n"


@pytest.fixture(scope="module")
def protected_vault() -> Iterator[Vault]:
    with tempfile.TemporaryDirectory(prefix="kgv-") as folder:
        vault = make_vault(Path(folder), patients=200, policy={**POLICY, "protected": ["private", "review"]})
        process = vault.start()
        yield vault
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def session(protected_vault: Vault) -> Iterator[Session]:
    with guarded_environment(protected_vault) as environment, open_session(environment) as opened:
        yield opened


def everything(cell: Cell) -> str:
    """All that a client received, reply included."""
    return json.dumps([cell.reply["content"], [message["content"] for message in cell.messages]], default=str)


def progress(cell: Cell) -> list[dict[str, Any]]:
    return [
        content for content in cell.of("display_data", "update_display_data") if OWN + "notice+json" in content["data"]
    ]


def test_a_private_answer_is_shown_released(session: Session) -> None:
    cell = session.run(PRIVATE + "person.year_of_birth.mean()", timeout=180)
    assert cell.status == "ok", cell.text
    assert "MOCK rows give value" in cell.text
    (shown,) = cell.data(OWN + "release+json")
    ((name, value, error),) = shown["statement"]["rows"]
    assert (name, shown["statement"]["route"]) == ("value", "protected")
    assert 1900 <= value <= 2020 and error > 0
    assert "The kernel is paused" in cell.text and "of 8" in cell.text
    assert [m["header"]["msg_type"] for m in cell.messages].count("status") == 2  # busy once, idle once


@pytest.mark.slow
def test_progress_is_the_clocks(session: Session) -> None:
    """The same lines for code that fails on rows and for code that does not."""
    told = []
    for code in ("1900.5", "1901.5 if person.person_id.max() > 400 else 1 / 0"):
        cell = session.run(PRIVATE + code, timeout=180)
        assert cell.status == "ok", cell.text
        told.append([content["data"]["text/plain"] for content in progress(cell)])
    assert told[0][0] == told[1][0] and told[0][-1] == told[1][-1]
    assert "ZeroDivision" not in everything(cell)


def test_an_error_of_ones_own_shows_before_anything_is_paid(session: Session, protected_vault: Vault) -> None:
    before = protected_vault.client().get_json("/v1/budget")
    cell = session.run(PRIVATE + "person.yearofbirth.mean()")
    assert cell.status == "error" and "yearofbirth" in cell.text
    assert protected_vault.client().get_json("/v1/budget") == before
    assert session.run("1 + 1").status == "ok"


def test_a_wrong_line_shows_at_once(session: Session) -> None:
    cell = session.run("%%protected --private study.person\n1")
    assert cell.status == "error" and "needs epsilon" in cell.text
    cell = session.run("%%protected s.person\nrelease('a', 1)")
    assert cell.status == "error" and STUDY in cell.text


def test_the_trial_alone(session: Session) -> None:
    cell = session.run(PRIVATE.replace("--private", "--try --private") + "person.year_of_birth.mean()")
    assert cell.status == "ok"
    assert "MOCK rows give" in cell.text and "ε 2" in cell.text
    assert not cell.data(OWN + "release+json")


def test_nothing_of_a_run_for_a_checker_comes_back(session: Session) -> None:
    code = (
        "from pathlib import Path\n"
        "beside_rows = len(person) != 500\n"  # mock rows are 500
        "if beside_rows:\n"
        "    for way in (print, lambda text: Path('/dev/stdout').write_text(text)):\n"
        "        way('beho' + 'ld-' + str(measurement.value_as_number.sum()))\n"
        "    raise RuntimeError('beho' + 'ld-' + str(person.year_of_birth.sum()))\n"
        "release('n', len(person))\n"
    )
    cell = session.run(REVIEW + code, timeout=120)
    assert cell.status == "ok", cell.text
    assert "behold" not in everything(cell)
    assert not cell.of("error")
    assert "waits for a checker" in cell.text
    listed = session.run("import kernel_guard.client as kg; kg.protected_objects()")
    assert "pending" in listed.text


def test_the_kernel_stands_still_meanwhile(session: Session) -> None:
    """A thread that counts in the kernel shows whether it ran while the code had the rows."""
    session.run(
        "import threading, time\nticks = []\n"
        "threading.Thread(target=lambda: [ticks.append(time.time()) or time.sleep(0.01) for _ in range(6000)],"
        " daemon=True).start()"
    )
    session.run(REVIEW + "release('n', len(person))", timeout=120)
    cell = session.run("gaps = [b - a for a, b in zip(ticks, ticks[1:])]; print('longest', max(gaps))")
    assert float(cell.text.split("longest")[1].split()[0]) > 1.0


def test_what_comes_after_waits_its_turn(session: Session) -> None:
    client = session.client
    first = client.execute(REVIEW + "release('n', len(person))")
    second = client.execute("print('after')")
    order: list[str] = []
    deadline = time.monotonic() + 120
    while len(order) < 2 and time.monotonic() < deadline:
        reply = client.get_shell_msg(timeout=120)
        if reply["parent_header"]["msg_id"] in (first, second):
            order.append(reply["parent_header"]["msg_id"])
    assert order == [first, second]


def test_what_comes_after_a_failure_is_aborted(session: Session) -> None:
    client = session.client
    failing = client.execute(PRIVATE + "import time; time.sleep(1); 1 / 0")
    after = client.execute("print('after')")
    found: dict[str, str] = {}
    while len(found) < 2:
        reply = client.get_shell_msg(timeout=60)
        found[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
    assert (found[failing], found[after]) == ("error", "aborted")
    assert session.run("1 + 1").status == "ok"


def test_a_kernel_cannot_send_code_itself(session: Session) -> None:
    code = (
        "from kernel_guard.wire.http import open_inherited\n"
        "try:\n    open_inherited().post_json('/v1/protected', b'{}')\n"
        "except Exception as error:\n    print(type(error).__name__)"
    )
    assert "Forbidden" in session.run(code).text
