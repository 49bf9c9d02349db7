"""Where an attack is tried: a kernel with a secret in it, a host with things to reach, and ears at every wall.

- The code of an attack finds `SECRET`, `T` (what there is to reach), `won()` and helpers that forge messages; the cell
  that defines them never shows the secret, so any byte of it that arrives has been carried out.
- Everything that leaves is kept as raw bytes: every frame of every channel, what listeners on the host heard, what was
  written, what the processes printed. Nothing is parsed before it is searched.
"""

from __future__ import annotations

import runpy
import secrets
import socket
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.manager import KernelManager
from jupyter_client.session import Session as WireSession

from tests.lib.canary import is_in

ATTACKS = sorted((Path(__file__).parents[1] / "attacks" / "kernel").glob("[0-9]*.py"))
_WALL_SECONDS = 60.0

_SETUP = """
    import http.client, os as _os, socket as _socket
    from IPython import get_ipython
    k = get_ipython().kernel
    T = {targets!r}
    SECRET = {reversed!r}[::-1]
    BITS = "".join(format(byte, "08b") for byte in SECRET.encode())
    FIRST_CELL = k.get_parent()["header"]["msg_id"]
    if "_handlers" not in globals():
        _handlers = dict(k.shell_handlers), dict(k.control_handlers)
    k.shell_handlers.update(_handlers[0]); k.control_handlers.update(_handlers[1])
    def won():
        print({won!r}[::-1])
    def forge(msg_type, content, parent=None, metadata=None, buffers=None, ident=b"x", header=None):
        parent = k.get_parent() if parent is None else parent
        message = k.session.msg(msg_type, content, parent=parent, metadata=metadata)
        message["header"].update(header or {{}})
        k.session.send(k.iopub_socket, message, ident=ident, buffers=buffers)
    def answer(msg_type, content, metadata=None, buffers=None):
        k.session.send(k.shell_stream, msg_type, content, parent=k.get_parent(), ident=k._parent_ident["shell"],
                       metadata=metadata, buffers=buffers)
    def ask(content):
        k.session.send(k.stdin_socket, "input_request", content, parent=k.get_parent(), ident=k._parent_ident["shell"])
    def on(request, content, channel="shell"):
        async def reply(stream, ident, parent):
            k.session.send(stream, request.replace("_request", "_reply"), content, parent, ident)
        (k.shell_handlers if channel == "shell" else k.control_handlers)[request] = reply
    def signed(msg_type, content):
        return k.session.serialize(k.session.msg(msg_type, content, parent=k.get_parent()))[1:]
    def raw(msg_type, content):
        parts = signed(msg_type, {{}})[1:4] + [content if isinstance(content, bytes) else content.encode()]
        k.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", k.session.sign(parts), *parts])
    def vault_call(method, path, body=None, headers={{}}):
        connection = http.client.HTTPConnection("vault")
        connection.sock = _socket.socket(fileno=_os.dup(int(_os.environ["KERNEL_GUARD_FD"])))
        connection.request(method, path, body, headers)
        answered = connection.getresponse()
        return answered.status, answered.read()
"""


@dataclass(frozen=True)
class Attack:
    """One file of `tests/attacks/kernel`."""

    path: Path
    idea: str
    source: str
    way: str
    code: str
    absent: list[str]
    works_unguarded: bool = True
    wait: float = 0.05
    timeout: float = 20.0
    then: list[tuple[Any, ...]] = field(default_factory=list)
    fresh: bool = False
    ends: bool = False
    exit_code: int | None = None
    expressions: dict[str, str] = field(default_factory=dict)
    stdin: bool = False
    fetch: bool = False
    beat: bool = False
    open: str = ""
    slow: bool = False
    bandwidth: str = ""


def load(path: Path) -> Attack:
    """Read one attack; its names in capitals are the fields."""
    named = {name.lower(): value for name, value in runpy.run_path(str(path)).items() if name.isupper()}
    return Attack(path, **named)


class Host:
    """Things of the host that an attack may try to reach or to tell."""

    def __init__(self, folder: Path) -> None:
        self.heard: list[bytes] = []
        self.secret = secrets.token_hex(16)
        self.folder = folder / "host"
        self.folder.mkdir()
        self.home = folder / "home"
        self.home.mkdir()
        self.file = self.folder / "record.txt"
        self.name = "kgx-" + secrets.token_hex(6)
        self.shm = Path("/dev/shm") / self.name
        self.unix, self.abstract = str(folder / "s.sock"), self.name
        self._sockets: list[socket.socket] = []
        self.port = self._listen(socket.AF_INET, ("127.0.0.1", 0))
        self._listen(socket.AF_UNIX, self.unix)
        self._listen(socket.AF_UNIX, "\0" + self.abstract)
        self.udp = self._datagrams()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.listen = free.getsockname()[1]
        self.restore()

    def restore(self) -> None:
        """As it was before the first attack."""
        self.heard.clear()
        for path in (*self.folder.iterdir(), *self._shared(), *self.home.rglob("*")):
            if path.is_file():
                path.unlink()
        for path in (self.file, self.shm):
            path.write_text(f"patient 17: {self.secret}\n")
            path.chmod(0o600)
        self._was = self._state()

    def changed(self) -> bool:
        """Did its file change in any way that a reader of the host could see?"""
        return self._state() != self._was

    def left(self) -> Iterator[bytes]:
        """What attacks wrote where others can read it."""
        for path in (*self.folder.iterdir(), *self._shared(), *self.home.rglob("*")):
            if path.is_file() and path not in (self.file, self.shm):
                yield path.name.encode() + path.read_bytes()

    def targets(self) -> dict[str, Any]:
        """What the attack's code is told."""
        return {
            "file": str(self.file), "folder": str(self.folder), "home": str(self.home), "name": self.name,
            "shm": self.name, "unix": self.unix, "abstract": self.abstract, "port": self.port, "udp": self.udp,
            "listen": self.listen,
        }  # fmt: skip

    def close(self) -> None:
        for one in self._sockets:
            one.close()
        for path in self._shared():
            path.unlink(missing_ok=True)

    def _shared(self) -> list[Path]:
        return [path for place in ("/tmp", "/var/tmp", "/dev/shm", "/run") if (path := Path(place, self.name)).exists()]

    def _state(self) -> tuple[Any, ...]:
        status = self.file.stat()
        return status.st_mode, status.st_mtime_ns, status.st_size, status.st_nlink

    def _listen(self, family: int, address: Any) -> int:
        server = socket.socket(family)
        server.bind(address)
        server.listen()
        self._sockets.append(server)

        def hear() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    self.heard.append(b"connected")
                    connection.settimeout(0.3)
                    with suppress(OSError):
                        self.heard.append(connection.recv(4096))

        threading.Thread(target=hear, daemon=True).start()
        return int(server.getsockname()[1]) if family == socket.AF_INET else 0

    def _datagrams(self) -> int:
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 0))
        self._sockets.append(server)

        def hear() -> None:
            with suppress(OSError):
                while True:
                    self.heard.append(server.recv(4096))

        threading.Thread(target=hear, daemon=True).start()
        return int(server.getsockname()[1])


class _Recording(WireSession):
    """A client's session that keeps every frame as it came."""

    def feed_identities(self, msg_list: Any, copy: bool = True) -> Any:
        self.frames: list[bytes]  # set by the arena
        self.frames.extend(bytes(frame) for frame in msg_list)
        return super().feed_identities(msg_list, copy)


class Ring:
    """One kernel with a recording client."""

    def __init__(self, kernel: str, environment: dict[str, str], host: Host, places: dict[str, Any]) -> None:
        self._kernel, self._environment, self._host, self._places = kernel, environment, host, places
        self.secret, self.won = (f"canary.{secrets.token_hex(12)}" for _ in range(2))
        self._stack = ExitStack()
        self.frames: list[bytes] = []
        self._open()

    def try_out(self, attack: Attack) -> list[str]:
        """Run one attack; gives what got out of what must not."""
        self._host.restore()
        self.prepare()
        self.frames.clear()
        self._log.truncate(0)
        self._play(attack)
        sent = [*self.frames, *self._host.heard, *self._host.left(), self._printed()]
        values = self.values()
        found = [name for name in [*attack.absent, "WON"] if is_in(values.get(name, name), sent)]
        if "SECRET_IN_LOG" in attack.absent and is_in(self.secret, [self._printed()]):
            found.append("SECRET_IN_LOG")
        if self._host.changed():
            found.append("the host's file was changed")
        if attack.exit_code is not None and self._exit_code() == attack.exit_code:
            found.append("the exit code")
        if attack.fresh or attack.ends:
            self.reopen()
        return found

    def values(self) -> dict[str, str]:
        """The values behind the names in ABSENT; any other text stands for itself."""
        return {"SECRET": self.secret, "WON": self.won, "HOST": self._host.secret, **self._secrets()}

    def execute(self, code: str, timeout: float = 20, **options: Any) -> list[dict[str, Any]]:
        """Run a cell to its idle, whatever it does; gives the messages of iopub."""
        msg_id = self.client.execute(code, **options)
        return self._until_idle(msg_id, timeout)

    def memory(self) -> int:
        """What the kernel uses, as the status bar would show it."""
        message = self.client.session.msg("usage_request", {})
        self.client.control_channel.send(message)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            answered = _received(self.client.control_channel, 0.2)
            if answered is not None and answered["msg_type"] == "usage_reply":
                return int(answered["content"]["kernel_memory"])
        raise AssertionError("no answer")

    def reopen(self) -> None:
        self.close()
        self._open()

    def close(self) -> None:
        self._stack.close()

    def _open(self) -> None:
        self._log = self._stack.enter_context(tempfile.TemporaryFile())
        self.manager = KernelManager(kernel_name=self._kernel)
        # An attack that works without a guard may leave files: not beside the tests.
        place = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="kgw-"))
        self.manager.start_kernel(env=self._environment, cwd=place, stdout=self._log, stderr=self._log)
        self._stack.callback(self.manager.shutdown_kernel, now=True)
        self.client = self.manager.blocking_client()
        recording = _Recording(key=self.manager.session.key)
        recording.frames = self.frames
        self.client.session = recording
        self.client.start_channels()
        self._stack.callback(self.client.stop_channels)
        self.client.wait_for_ready(timeout=_WALL_SECONDS)

    def prepare(self) -> None:
        """Put the secret and the helpers into the kernel."""
        setup = textwrap.dedent(_SETUP).format(targets=self._targets(), reversed=self.secret[::-1], won=self.won[::-1])
        if not self._is_done(self.execute(setup, silent=True, store_history=False)):
            self.reopen()
            assert self._is_done(self.execute(setup, silent=True, store_history=False)), "the kernel does not answer"

    def _targets(self) -> dict[str, Any]:
        process = self.manager.provisioner
        info = self.manager.get_connection_info()
        ports = [info[f"{name}_port"] for name in ("shell", "iopub", "stdin", "control", "hb")]
        return {
            **self._host.targets(), **self._places, "wrapper": getattr(process, "pid", 0), "client_ports": ports,
            "connection": self.manager.connection_file,
        }  # fmt: skip

    def _secrets(self) -> dict[str, str]:
        token = self._places.get("token")
        return {
            "OUTER": self.manager.session.key.decode(),
            "TOKEN": Path(token).read_text() if token else "no token",
            "TOKENFILE": str(token),
        }

    def _play(self, attack: Attack) -> None:
        options = {"allow_stdin": attack.stdin, "user_expressions": attack.expressions, "stop_on_error": False}
        self.execute(attack.code, attack.timeout, **options)
        for request, content, *channel in attack.then:
            self._request(request, content, channel[0] if channel else "shell")
        if attack.fetch:
            self._fetch()
        if attack.beat:
            self._beat()
        self._listen_for(attack.wait)
        deadline = time.monotonic() + 10
        while attack.ends and self.manager.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _until_idle(self, msg_id: str, timeout: float) -> list[dict[str, Any]]:
        heard, deadline = [], time.monotonic() + timeout
        while time.monotonic() < deadline:
            message = _received(self.client.iopub_channel, 0.2)
            if message is None:
                if not self.manager.is_alive():
                    break
                continue
            heard.append(message)
            if message["msg_type"] == "status" and message["parent_header"].get("msg_id") == msg_id:
                if message["content"].get("execution_state") == "idle":
                    break
        self._replies()
        return heard

    def _replies(self, seconds: float = 0.001) -> None:
        for channel in (self.client.shell_channel, self.client.control_channel, self.client.stdin_channel):
            while _received(channel, seconds) is not None:
                pass

    @staticmethod
    def _is_done(messages: list[dict[str, Any]]) -> bool:
        return bool(messages) and messages[-1]["content"].get("execution_state") == "idle"

    def _listen_for(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            _received(self.client.iopub_channel, left)
        self._replies(0.01)

    def _request(self, request: str, content: dict[str, Any], channel: str) -> None:
        message = self.client.session.msg(request, content)
        chosen = self.client.shell_channel if channel == "shell" else self.client.control_channel
        chosen.send(message)
        with suppress(TimeoutError):
            self._until_idle(message["header"]["msg_id"], 2)

    def _fetch(self) -> None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._host.listen), 1) as connection:
            connection.settimeout(1)
            self.frames.append(connection.recv(4096))

    def _beat(self) -> None:
        with zmq.Context() as context, context.socket(zmq.REQ) as beat:
            beat.linger = 0
            beat.connect(f"tcp://127.0.0.1:{self.manager.hb_port}")
            beat.send(b"ping")
            if beat.poll(1_000):
                answered = beat.recv()
                self.frames.append(answered if answered != b"ping" else b"")

    def _printed(self) -> bytes:
        self._log.seek(0)
        return self._log.read()

    def _exit_code(self) -> int | None:
        code: int | None = getattr(getattr(self.manager.provisioner, "process", None), "returncode", None)
        return code


def _received(channel: Any, seconds: float) -> dict[str, Any] | None:
    """One message, or None; one that the client cannot read was recorded all the same."""
    try:
        message: dict[str, Any] = channel.get_msg(timeout=max(seconds, 0))
        return message
    except Exception:
        return None


@contextmanager
def ring(kernel: str, environment: dict[str, str], places: dict[str, Any]) -> Iterator[Ring]:
    """A ring with a host of its own."""
    with tempfile.TemporaryDirectory(prefix="kga-") as folder:
        host = Host(Path(folder))
        try:
            made = Ring(kernel, environment, host, places)
            try:
                yield made
            finally:
                made.close()
        finally:
            host.close()
