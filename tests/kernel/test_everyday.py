"""Everyday use of a guarded kernel through Jupyter's own clients."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from kernel_guard.wrapper.settings import public_file
from tests.lib.kernels import Session, connected

KG = "import kernel_guard.client as kg; study = kg.open('demo-hospital'); person = study.person"
ASK = "person.groupby('gender_concept_id').count_patients().release(epsilon=0.25)"


def test_a_release_carries_the_vaults_statement_and_a_label(session: Session) -> None:
    session.run(KG)
    cell = session.run(ASK)
    (released,) = cell.data("application/vnd.kernel-guard.release+json")
    assert released["statement"]["cost"]["epsilon"] == "1/4" and released["envelope"]["signatures"]
    (shown,) = cell.of("execute_result")
    assert shown["metadata"]["kernel_guard"]["zone"] == "release"


def test_what_is_computed_from_releases_names_them(session: Session) -> None:
    session.run(KG)
    released = session.run(ASK).of("execute_result")[0]["data"]["application/vnd.kernel-guard.release+json"]
    (shown,) = session.run("1 + 1").of("execute_result")
    label = shown["metadata"]["kernel_guard"]
    assert label["zone"] == "open" and released["statement"]["id"] in label["releases"]


def test_pictures_and_tables_look_as_they_do_elsewhere(session: Session) -> None:
    cell = session.run("import matplotlib.pyplot as plt; plt.plot([1, 2, 3]); plt.show()")
    assert len(cell.data("image/png")) == 1 and not cell.withheld
    cell = session.run("import pandas as pd; pd.DataFrame({'a': [1, 2]})")
    assert "<table" in cell.data("text/html")[0] and not cell.withheld


@pytest.mark.parametrize(
    "code",
    [
        "from sklearn.linear_model import LinearRegression; LinearRegression().fit([[1], [2]], [1, 2])",
        "import statsmodels.api as sm; sm.OLS([1, 2, 3.5], [[1, 1], [1, 2], [1, 3]]).fit().summary()",
    ],
    ids=["scikit-learn", "statsmodels"],
)
def test_libraries_of_the_field_work(session: Session, code: str) -> None:
    cell = session.run(code, timeout=120)
    assert cell.status == "ok", cell.text
    assert cell.data("text/html")


def test_input_asks_the_person(session: Session) -> None:
    answers: list[Any] = []

    def answer(message: dict[str, Any]) -> None:
        answers.append(message["content"]["prompt"])
        session.client.input("Ada")

    messages: list[dict[str, Any]] = []
    session.client.execute_interactive(
        "print('hello', input('name? '))", stdin_hook=answer, output_hook=messages.append, allow_stdin=True, timeout=30
    )
    assert answers == ["name? "]
    assert any(message["content"].get("text") == "hello Ada\n" for message in messages)


def test_input_without_a_person_is_an_error(session: Session) -> None:
    assert "StdinNotImplementedError" in session.run("input('name? ')", allow_stdin=False).text


@pytest.mark.parametrize("code", ["import time; time.sleep(60)", "while True: pass"], ids=["sleep", "busy"])
def test_interrupt(session: Session, code: str) -> None:
    started = time.monotonic()
    session.client.execute(code, stop_on_error=False)  # else what comes right after is aborted, as in any kernel
    time.sleep(0.5)
    session.manager.interrupt_kernel()
    reply = session.client.get_shell_msg(timeout=20)
    assert reply["content"]["ename"] == "KeyboardInterrupt" and time.monotonic() - started < 10
    assert session.run("1").status == "ok"


def test_completion_inspection_and_history(session: Session) -> None:
    session.run("a_long_name = 1")
    assert "a_long_name" in session.ask("complete", "a_long_")["matches"]
    assert "range" in session.ask("inspect", "range")["data"]["text/plain"]
    lines = session.ask("history", hist_access_type="tail", n=3)["history"]
    assert lines[-1][2] == "a_long_name = 1"


def test_completion_knows_tables_and_columns(session: Session) -> None:
    session.run(KG)
    assert any("visit_occurrence" in match for match in session.ask("complete", "study.vis")["matches"])
    assert any("year_of_birth" in match for match in session.ask("complete", "person.year")["matches"])


def test_two_clients_share_a_kernel(session: Session) -> None:
    with connected(session.manager) as other:
        session.run("shared = 41")
        reply = other.execute_interactive("shared += 1", output_hook=lambda _: None, timeout=30)
        assert reply["content"]["status"] == "ok"
        assert session.run("shared").data("text/plain") == ["42"]
        # Each gets its own reply; both see all outputs.
        seen = []
        while not seen or seen[-1] != "42":
            message = other.get_iopub_msg(timeout=10)
            if message["msg_type"] == "execute_result":
                seen.append(message["content"]["data"]["text/plain"])
        with pytest.raises(queue.Empty):
            other.get_shell_msg(timeout=0.2)


def test_widgets_open_change_and_answer(session: Session) -> None:
    cell = session.run("import ipywidgets as w; slider = w.IntSlider(value=3); slider")
    models = {content["data"]["state"]["_model_name"]: content["comm_id"] for content in cell.of("comm_open")}
    assert {"IntSliderModel", "LayoutModel", "SliderStyleModel"} <= set(models)
    assert cell.data("application/vnd.jupyter.widget-view+json")[0]["model_id"] == models["IntSliderModel"]
    session.run("slider.observe(lambda change: print('now', change.new), names='value')")
    data = {"method": "update", "state": {"value": 7}, "buffer_paths": []}
    client = session.client
    client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": models["IntSliderModel"], "data": data}))
    assert session.run("slider.value").data("text/plain") == ["7"]


def test_display_updates(session: Session) -> None:
    cell = session.run("from IPython.display import display; h = display('first', display_id=True); h.update('second')")
    first, second = cell.of("display_data", "update_display_data")
    assert first["transient"] == second["transient"] and second["data"]["text/plain"] == "'second'"


def test_displays_of_many_threads_all_arrive_each_threads_in_order(session: Session) -> None:
    cell = session.run(
        "import threading\n"
        "def show(name):\n"
        "    for i in range(250): display({'text/plain': f'{name} {i}'}, raw=True)\n"
        "threads = [threading.Thread(target=show, args=(n,)) for n in 'abcd']\n"
        "[t.start() for t in threads]; [t.join() for t in threads]; None"
    )
    shown = [text.split() for text in cell.data("text/plain")]
    assert {n: [i for name, i in shown if name == n] for n in "abcd"} == dict.fromkeys("abcd", [*map(str, range(250))])


def test_subshells_answer_while_a_cell_runs(session: Session) -> None:
    client = session.client
    message = client.session.msg("create_subshell_request")
    client.control_channel.send(message)
    subshell = client.get_control_msg(timeout=20)["content"]["subshell_id"]
    client.execute("import time; time.sleep(3)")
    quick = client.session.msg("execute_request", {"code": "2 + 2", "silent": False, "user_expressions": {}})
    quick["header"]["subshell_id"] = subshell
    client.shell_channel.send(quick)
    first = client.get_shell_msg(timeout=20)
    assert first["parent_header"]["msg_id"] == quick["header"]["msg_id"]
    client.get_shell_msg(timeout=20)


def test_restart_forgets_variables_and_keeps_releases(own_session: Session) -> None:
    own_session.run(KG)
    one = own_session.run(ASK + ".release_id").data("text/plain")
    own_session.run("x = 1")
    own_session.manager.restart_kernel()
    own_session.client.wait_for_ready(timeout=60)
    assert "NameError" in own_session.run("x").text
    own_session.run(KG)
    assert own_session.run(ASK + ".release_id").data("text/plain") == one


def test_a_kernel_that_dies_says_so(own_session: Session) -> None:
    client = own_session.client
    client.execute("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    texts = []
    while not texts:
        message = client.get_iopub_msg(timeout=20)
        texts += [str(message["content"]["data"])] if message["msg_type"] == "display_data" else []
    assert "The kernel ended" in texts[0]
    deadline = time.monotonic() + 10
    while own_session.manager.is_alive() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not own_session.manager.is_alive()


def test_shutdown_is_quick_and_leaves_nothing(guarded: dict[str, str], own_session: Session) -> None:
    wrapper = own_session.manager.provisioner.pid  # type: ignore[union-attr]
    started = time.monotonic()
    own_session.client.shutdown()
    while Path(f"/proc/{wrapper}").exists() and _state(wrapper) != "Z":
        assert time.monotonic() - started < 4
        time.sleep(0.05)
    assert not list(Path(guarded["KERNEL_GUARD_RUNTIME_DIR"]).glob(f"*{wrapper}*"))


def test_no_private_key_is_on_a_disk(session: Session, guarded: dict[str, str]) -> None:
    session.run("print(1)")
    kept = [path for path in Path(guarded["HOME"]).rglob("*") if path.is_file()]
    assert public_file(guarded["KERNEL_GUARD_KEY_FILE"]) in kept
    assert not any(b"PRIVATE" in path.read_bytes() for path in kept)


def test_papermill_runs_a_notebook(guarded: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in guarded.items():
        monkeypatch.setenv(name, value)
    cells = [nbformat.v4.new_code_cell("n = 1", metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell("n * 2")]
    kernelspec = {"name": "kernel-guard", "display_name": "Python (guarded)", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernelspec})
    nbformat.write(notebook, tmp_path / "in.ipynb")
    papermill.execute_notebook(tmp_path / "in.ipynb", tmp_path / "out.ipynb", {"n": 21}, progress_bar=False)
    done = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert done.cells[-1].outputs[0].data["text/plain"] == "42"


def test_nbconvert_executes_a_notebook(guarded: dict[str, str], tmp_path: Path) -> None:
    kernelspec = {"name": "kernel-guard", "display_name": "Python (guarded)", "language": "python"}
    cells = [nbformat.v4.new_code_cell("6 * 7")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernelspec}), tmp_path / "in.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", "in.ipynb"]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, **guarded}, check=True, capture_output=True, timeout=120)
    assert nbformat.read(tmp_path / "in.ipynb", as_version=4).cells[0].outputs[0].data["text/plain"] == "42"


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "Z"
