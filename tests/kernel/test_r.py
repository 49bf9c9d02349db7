"""Another language under the same guard: R computes, draws and releases, and gets out no more than Python does."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel_guard.wrapper.notebook.admission import Admission
from kernel_guard.wrapper.settings import public_file
from tests.lib.kernels import OWN, Session, open_session

pytestmark = pytest.mark.skipif(
    shutil.which("R") is None or not Path("/usr/lib/R/site-library/IRkernel").is_dir(),
    reason="needs R with IRkernel: install r-base-core, r-cran-irkernel and r-cran-jsonlite",
)
RELEASE = """
person <- kg_table("demo-hospital", "person")
released <- kg_release(kg_count_patients(kg_group_by(person, "gender_concept_id")), epsilon = 0.125)
"""


@pytest.fixture(scope="module")
def r(guarded: dict[str, str]) -> Iterator[Session]:
    with open_session(guarded, "kernel-guard-r") as opened:
        yield opened


def test_it_computes_and_shows(r: Session) -> None:
    assert r.run("1 + 1").text.strip() == "[1] 2"
    assert r.run("cat('printed')").of("stream")[0]["text"] == "printed"
    assert "<table" in r.run("data.frame(a = 1:2)").data("text/html")[0]
    (shown,) = r.run("data.frame(a = 1:2)").of("display_data", "execute_result")
    assert shown["metadata"]["kernel_guard"]["zone"] == "open"


def test_it_draws(r: Session) -> None:
    cell = r.run("plot(1:3)")
    assert cell.data("image/png") and not cell.withheld


def test_an_error_is_told(r: Session) -> None:
    cell = r.run("stop('what went wrong')")
    assert cell.status == "error" and "what went wrong" in cell.text


def test_it_releases_through_the_vault(r: Session) -> None:
    cell = r.run(RELEASE + "print(released)")
    (released,) = cell.data(OWN + "release+json")
    assert released["statement"]["cost"]["epsilon"] == "1/8" and released["envelope"]["signatures"]
    assert cell.of("display_data", "execute_result")[0]["metadata"]["kernel_guard"]["zone"] == "release"
    numbers = [row[1] for row in released["statement"]["rows"]]
    assert r.run("cat(released$patients)").text.split() == [str(number) for number in numbers]


MEANS = """
old <- kg_filter(person, "year_of_birth", "<", 1980)
question <- kg_group_by(old, "gender_concept_id")
question <- kg_count_rows(kg_count_patients(question))
question <- kg_mean(kg_sum(question, "year_of_birth"), "year_of_birth")
"""


def test_counts_sums_and_means_of_groups_agree(r: Session) -> None:
    cell = r.run(RELEASE + MEANS + "exact <- kg_release(question)\nprint(exact)")
    (released,) = cell.data(OWN + "release+json")
    assert released["statement"]["route"] == "sdc" and released["statement"]["cost"]["epsilon"] == "0"
    shown = r.run(
        "cat(all.equal(exact$sum_year_of_birth / exact$rows, exact$mean_year_of_birth, tolerance = 0.01),"
        " identical(exact$patients, exact$rows), all(exact$mean_year_of_birth < 1980, na.rm = TRUE), nrow(exact) >= 2)"
    )
    assert shown.text.split() == ["TRUE"] * 4


def test_a_quote_tells_cost_and_error_and_spends_nothing(r: Session) -> None:
    assert r.run(RELEASE + MEANS).status == "ok"
    before = r.run("cat(kg_budget()$spent)").text
    told = r.run("print(kg_quote(question, epsilon = 0.25))").text
    assert "1/4" in told and "mean_year_of_birth" in told
    assert r.run("cat(kg_budget()$spent)").text == before


def test_a_column_or_a_comparison_that_is_not_there(r: Session) -> None:
    r.run(RELEASE)
    assert "no column" in r.run("kg_mean(person, 'nothing')").text
    assert "Compare with" in r.run("kg_filter(person, 'year_of_birth', '=~', 1)").text


def test_refusals_say_what_to_do(r: Session) -> None:
    cell = r.run("kg_release(kg_count_patients(person), epsilon = 1000)")
    assert cell.status == "error" and "→" in cell.text


def test_it_completes_and_inspects(r: Session) -> None:
    assert "data.frame" in r.ask("complete", "data.fr")["matches"]
    assert r.ask("kernel_info")["language_info"]["name"] == "R"


def test_it_is_interrupted(r: Session) -> None:
    r.client.execute("Sys.sleep(60)")
    time.sleep(1)
    began = time.monotonic()
    r.manager.interrupt_kernel()
    while r.run("cat('alive')").text != "alive":  # it aborts what comes right after an interrupt
        assert time.monotonic() - began < 20


def test_it_sees_nothing_of_the_host(r: Session, guarded: dict[str, str], tmp_path: Path) -> None:
    secret = tmp_path / "record.txt"
    secret.write_text("canary-4711")
    for path in (str(secret), guarded["KERNEL_GUARD_TOKEN_FILE"], str(public_file(guarded["KERNEL_GUARD_KEY_FILE"]))):
        text = r.run(f"cat(readLines('{path}'))").text
        assert "canary-4711" not in text and Path(path).read_text().strip() not in text
    text = r.run("print(Sys.getenv()); cat(system('cat /proc/*/environ', intern = TRUE))").text
    assert guarded["KERNEL_GUARD_TOKEN_FILE"] not in text and r.manager.session.key.decode() not in text
    r.run(f"writeLines('x', '{tmp_path}/left')")
    assert not (tmp_path / "left").exists()


def test_it_has_no_network(r: Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        port = server.getsockname()[1]
        assert r.run(f"s <- socketConnection('127.0.0.1', {port}, timeout = 2)").status == "error"
        with pytest.raises(TimeoutError):
            server.accept()


def test_it_cannot_speak_in_the_guards_name(r: Session) -> None:
    kind = OWN + "release+json"
    cell = r.run(f"IRdisplay::publish_mimebundle(list('{kind}' = list(statement = 'canary'), 'text/plain' = 'x'))")
    assert cell.withheld == ["badge"] and not cell.data(kind)
    cell = r.run("IRdisplay::display_javascript('canary()')")
    assert "canary" not in json.dumps([m["content"].get("data") for m in cell.messages])
    cell = r.run("IRdisplay::display_html('<b>kept</b><script>canary()</script>')")
    assert "kept" in cell.data("text/html")[0] and "canary" not in cell.data("text/html")[0]


def test_its_notebook_is_proven(r: Session, guarded: dict[str, str]) -> None:
    (stream,) = r.run("cat('proven')").of("stream")
    output = {"output_type": "stream", **stream}
    cell = {"cell_type": "code", "source": "cat('proven')", "metadata": {}, "outputs": [output]}
    saved = Admission(guarded["KERNEL_GUARD_KEY_FILE"])({"cells": [cell]})
    assert saved["cells"][0]["outputs"] == [output]
