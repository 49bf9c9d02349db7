"""A researcher's code that tries to get out, or to speak in the guard's name. Each attempt fails, as a test.

The code of an attack runs in a real guarded kernel; the test looks at what a client receives, or at the host.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lib.kernels import OWN, Session
from tests.lib.vaults import Vault

# --- out of the sandbox


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_data_files(session: Session, running_vault: Vault) -> None:
    files = [path for path in running_vault.folder.rglob("*") if path.is_file()]
    assert {".parquet", ".sqlite", ".key"} <= {path.suffix for path in files}
    for path in files:
        assert "opened" not in session.run(f"open({str(path)!r}, 'rb').read(1); print('open' + 'ed')").text, path


def test_the_token_the_keys_and_the_connection_file(session: Session, guarded: dict[str, str]) -> None:
    names = [guarded["KERNEL_GUARD_TOKEN_FILE"], guarded["KERNEL_GUARD_KEY_FILE"], session.manager.connection_file]
    for name in names:
        assert Path(name).exists()
        assert "opened" not in session.run(f"open({name!r}, 'rb').read(1); print('open' + 'ed')").text, name


def test_the_environment_holds_no_secret(session: Session, guarded: dict[str, str], running_vault: Vault) -> None:
    text = session.run("import os; print(dict(os.environ)); print(open('/proc/self/environ').read())").text
    for secret in (running_vault.token, guarded["KERNEL_GUARD_TOKEN_FILE"], str(running_vault.socket)):
        assert secret not in text


def test_other_processes(session: Session) -> None:
    code = """
        import os
        def readable(pid, name):
            try:
                return bool(open(f'/proc/{pid}/{name}', 'rb').read(1))
            except OSError:
                return False
        listed = os.listdir('/proc') if os.access('/proc', os.R_OK) else []
        theirs = [p for p in listed if p.isdigit() and int(p) != os.getpid()]
        print('seen', [p for p in theirs if readable(p, 'environ') or readable(p, 'mem')])
    """
    assert "seen []" in session.run(_dedent(code)).text
    wrapper = session.manager.provisioner.pid  # type: ignore[union-attr]
    code = (
        f"import os\ntry:\n    os.kill({wrapper}, 0); print('reach' + 'ed')\nexcept OSError as e: print('no', e.errno)"
    )
    assert "reached" not in session.run(code).text


def test_the_network(session: Session, listening: int) -> None:
    code = f"import socket; socket.create_connection(('127.0.0.1', {listening}), 2); print('connect' + 'ed')"
    assert "connected" not in session.run(code).text


def test_the_vaults_socket(session: Session, running_vault: Vault) -> None:
    path = str(running_vault.socket)
    code = f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({path!r}); print('connect' + 'ed')"
    assert "connected" not in session.run(code).text


def test_the_clients_ports(session: Session) -> None:
    port = session.manager.shell_port
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2); print('connect' + 'ed')"
    assert "connected" not in session.run(code).text


def test_writing_to_the_host(session: Session, tmp_path: Path) -> None:
    for place in (tmp_path, Path.home(), Path("/tmp"), Path("/dev/shm"), Path("/work")):
        if place.is_dir():
            session.run(f"open('{place}/kernel-guard-was-here', 'w').write('x')")
            assert not (place / "kernel-guard-was-here").exists()


def test_the_real_file_descriptors_and_the_exit_code(own_session: Session, capfd: pytest.CaptureFixture[str]) -> None:
    own_session.run("import os; [os.write(fd, b'LEAK-BY-FD') for fd in (1, 2)]")
    own_session.client.execute("import os; os._exit(77)")
    deadline = time.monotonic() + 10
    while own_session.manager.is_alive() and time.monotonic() < deadline:
        time.sleep(0.1)
    out, err = capfd.readouterr()
    assert "LEAK-BY-FD" not in out + err
    code = own_session.manager.provisioner.process.returncode  # type: ignore[union-attr]
    assert code in (0, 1)


# --- past the guard, by the one socket out


def test_the_relay_passes_only_the_listed_questions(session: Session) -> None:
    code = """
        import http.client, os, socket
        def ask(method, path, headers={}):
            c = http.client.HTTPConnection('vault')
            c.sock = socket.socket(fileno=os.dup(int(os.environ['KERNEL_GUARD_FD'])))
            c.request(method, path, headers=headers)
            r = c.getresponse()
            body = r.read()
            return r.status, body[:60]
        for method, path in [('GET', '/v1/admin'), ('DELETE', '/v1/releases/1'), ('GET', '/v1/studies?x=1'),
                             ('GET', '/v1/../etc'), ('PUT', '/v1/budget'), ('GET', 'http://elsewhere/v1/health')]:
            print(method, path, ask(method, path)[0])
        print('as someone else', ask('GET', '/v1/budget', {'Authorization': 'Bearer other'})[0])
    """
    lines = session.run(_dedent(code)).text.splitlines()
    assert [line.split()[-1] for line in lines if line.startswith(("GET", "PUT", "DELETE"))] == ["403"] * 6
    assert "as someone else 200" in lines  # the wrapper's own token was used, not the kernel's


# --- in the guard's name


def test_a_badge_of_ones_own(session: Session) -> None:
    for kind in ("release", "withheld", "notice", "anything"):
        cell = session.run(f"display({{'{OWN}{kind}+json': {{'statement': {{}}}}, 'text/plain': 'x'}}, raw=True)")
        assert not [one for one in cell.data(f"{OWN}{kind}+json") if "statement" in one]
        assert cell.withheld == ["badge"]


def test_a_release_that_was_never_received(session: Session) -> None:
    cell = session.run(f"display({{'{OWN}release-ref+json': {{'id': '0' * 32}}}}, raw=True)")
    assert cell.withheld == ["unknown_release"]


def test_other_numbers_beside_a_true_badge(session: Session) -> None:
    session.run("import kernel_guard.client as kg; person = kg.open('demo-hospital').person")
    session.run("r = person.groupby('gender_concept_id').count_patients().release(epsilon=0.125)")
    lies = "'text/plain': 'LIE', 'text/html': '<b>LIE</b>'"
    cell = session.run(f"display({{'{OWN}release-ref+json': {{'id': r.release_id}}, {lies}}}, raw=True)")
    (shown,) = cell.of("display_data")
    assert "LIE" not in json.dumps(shown) and f"{OWN}release+json" in shown["data"]


def test_a_label_of_ones_own(session: Session) -> None:
    cell = session.run("display('x', metadata={'kernel_guard': {'zone': 'release', 'signature': 'mine'}})")
    assert cell.of("display_data")[0]["metadata"]["kernel_guard"]["zone"] == "open"


# --- messages made by hand, with the kernel's own key

_FORGE = """
    from IPython import get_ipython
    k = get_ipython().kernel
    def forge(msg_type, content, parent=None, metadata=None, buffers=None, ident=b'forged'):
        k.session.send(k.iopub_socket, msg_type, content, parent=k.get_parent() if parent is None else parent,
                       metadata=metadata, buffers=buffers, ident=ident)
"""


@pytest.fixture(scope="module")
def forging(session: Session) -> Session:
    assert session.run(_dedent(_FORGE)).status == "ok"
    return session


@pytest.mark.parametrize(
    "call",
    [
        "forge('custom_leak', {'secret': 'LEAK'})",
        "forge('debug_event', {'event': 'LEAK'})",
        "forge('iopub_welcome', {'subscription': 'LEAK'})",
        "forge('shutdown_reply', {'restart': 'LEAK'})",
        "forge('status', {'execution_state': 'LEAK'})",
        "forge('status', {'execution_state': 'busy', 'secret': 'LEAK'})",
        "forge('stream', {'name': 'stdout', 'text': 'fine', 'secret': 'LEAK'})",
        "forge('stream', {'name': 'stdout', 'text': 'fine'}, metadata={'secret': 'LEAK'}, buffers=[b'LEAK'])",
        "forge('stream', {'name': 'LEAK', 'text': 'fine'})",
        "forge('execute_input', {'code': 'LEAK', 'execution_count': 1})",
        "forge('display_data', {'data': {'application/x-unknown': 'LEAK'}, 'metadata': {}})",
        "forge('display_data', {'data': {'text/plain': 'x'}, 'metadata': {'image/png': {'secret': 'LEAK'}}})",
        "forge('display_data', {'data': {'text/plain': 'x'}, 'metadata': {}, 'transient': {'secret': 'LEAK'}})",
        "forge('update_display_data', {'data': {'text/plain': 'LEAK'}, 'transient': {'display_id': 'unknown'}})",
        "forge('comm_open', {'comm_id': 'a' * 32, 'target_name': 'LEAK', 'data': {'secret': 'LEAK'}})",
        "forge('comm_open', {'comm_id': 'b' * 32, 'target_name': 'jupyter.widget', 'target_module': 'LEAK'})",
        "forge('comm_msg', {'comm_id': 'c' * 32, 'data': {'secret': 'LEAK'}}, buffers=[b'LEAK'])",
        "forge('stream', {'name': 'stdout', 'text': 'LEAK'}, parent={'msg_id': 'somebody-elses', 'secret': 'LEAK'})",
        "forge('stream', {'name': 'stdout', 'text': 'x'}, parent={**k.get_parent(), 'secret': 'LEAK'}, ident=b'LEAK')",
        "forge('execute_reply', {'status': 'ok', 'secret': 'LEAK'})",
        "k.iopub_socket.send_multipart([b'LEAK', b'<IDS|MSG>', b'LEAK'])",
        "k.iopub_socket.send_multipart([b'LEAK'] * 2000)",
        "k.session.send(k.shell_stream, 'execute_reply', {'status': 'ok', 'LEAK': 1}, {'msg_id': 'LEAK'}, b'LEAK');",
    ],
)
def test_a_forged_message(forging: Session, call: str) -> None:
    cell = forging.run(call)
    received = json.dumps([_without_code(message) for message in cell.messages], default=repr)
    assert "LEAK" not in received
    assert "LEAK" not in json.dumps(cell.reply, default=repr) or cell.status == "error"
    assert forging.run("1").status == "ok"


def test_a_reply_to_another_kind_of_request(forging: Session) -> None:
    forging.run("k.session.send(k.shell_stream, 'kernel_info_reply', {'banner': 'LEAK'}, parent=k.get_parent())")
    assert "LEAK" not in json.dumps(forging.ask("kernel_info"))


def test_writing_a_cell_into_the_notebook(session: Session) -> None:
    cell = session.run("get_ipython().set_next_input('import os; os.system(\"id\")')")
    assert cell.reply["content"]["payload"] == []


def test_payloads_other_than_the_pager(session: Session) -> None:
    code = "get_ipython().payload_manager.write_payload({'source': 'edit_magic', 'filename': '/etc/passwd'})"
    assert session.run(code).reply["content"]["payload"] == []
    assert session.run("zip?").reply["content"]["payload"][0]["source"] == "page"


def test_scripts_in_html(session: Session) -> None:
    code = "from IPython.display import HTML; HTML('<b onclick=alert(1)>kept</b><script>alert(1)</script>')"
    (html,) = session.run(code).data("text/html")
    assert "kept" in html and "alert" not in html


def test_javascript_and_svg(session: Session) -> None:
    for code in ("from IPython.display import Javascript; Javascript('alert(1)')",
                 "from IPython.display import SVG; SVG('<svg><script>alert(1)</script></svg>')"):  # fmt: skip
        cell = session.run(code)
        assert "alert(1)" not in json.dumps([m["content"].get("data") for m in cell.messages])
        assert cell.withheld


def test_a_flood_ends_with_a_notice(session: Session) -> None:
    cell = session.run("for i in range(30): display({'text/plain': 'x' * 1_000_000}, raw=True)", timeout=120)
    assert cell.withheld == ["cell_full"]
    assert sum(len(text) for text in cell.data("text/plain")) < 21_000_000
    cell = session.run("display({'text/plain': 'x' * 60_000_000}, raw=True)", timeout=120)
    assert cell.withheld == ["too_large"]


def test_the_inner_key_is_worth_nothing_outside(session: Session) -> None:
    key = session.run("print(get_ipython().kernel.session.key.decode())").text.strip()
    assert len(key) == 64 and key.encode() != session.manager.session.key


def _without_code(message: dict[str, Any]) -> dict[str, Any]:
    """A message without the places where the test's own code is shown back."""
    kept = {name: message[name] for name in ("header", "metadata", "content", "buffers")}
    if message["msg_type"] in ("execute_input", "error") and "code" in str(kept["content"]) + "error":
        kept["content"] = {} if message["msg_type"] == "error" else _only_forged(message)
    return kept


def _only_forged(message: dict[str, Any]) -> dict[str, Any]:
    code = message["content"]["code"]
    return {} if code.startswith(("forge(", "k.")) else message["content"]


def _dedent(code: str) -> str:
    import textwrap

    return textwrap.dedent(code).strip()
