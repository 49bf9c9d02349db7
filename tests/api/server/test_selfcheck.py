"""A server that was unlocked, in any way we know, does not serve and says what to mend."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from jupyter_server.auth.authorizer import AllowAllAuthorizer
from jupyter_server.services.contents.filemanager import FileContentsManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets.config import Config

from kernel_guard.server import extension
from kernel_guard.server.authorizer import GuardAuthorizer
from kernel_guard.server.config import launch_environment, lock_down
from kernel_guard.server.extension import refuse_unless_locked
from kernel_guard.server.page import DISABLED_EXTENSIONS, lock_page
from kernel_guard.server.selfcheck import check_server
from kernel_guard.server.settings import GuardServer

ALLOWED = {"jupyterlab", "kernel_guard.server"}


class LooseAuthorizer(GuardAuthorizer):
    def is_authorized(self, handler, user, action, resource):
        return True


def findings(app) -> str:
    return "\n".join(map(str, check_server(app, ALLOWED)))


def test_the_locked_server_has_no_finding(jp_serverapp):
    assert findings(jp_serverapp) == ""


@pytest.mark.parametrize(
    ("attribute", "value", "said"),
    [
        ("kernel_manager", AsyncMappingKernelManager(), "The kernel manager is AsyncMappingKernelManager"),
        ("authorizer", AllowAllAuthorizer(), "The authorizer is AllowAllAuthorizer"),
        ("authorizer", LooseAuthorizer(), "The authorizer is LooseAuthorizer"),
        ("contents_manager", FileContentsManager(), "The contents manager is FileContentsManager"),
        ("session_manager", object(), "The session manager is object"),
        ("kernel_websocket_connection_class", object, "websocket class was replaced"),
        ("terminals_enabled", True, "Terminals are enabled"),
        ("allow_unauthenticated_access", True, "Access without authentication"),
        ("disable_check_xsrf", True, "cross-site requests is off"),
        ("allow_origin", "*", "Pages of other sites"),
        ("allow_external_kernels", True, "Kernels started elsewhere"),
        ("gateway_config", SimpleNamespace(gateway_enabled=True), "sent to a gateway"),
        ("extra_static_paths", ["x"], "Extra page files"),
        ("root_dir", "/", "The whole file system"),
        ("identity_provider", SimpleNamespace(auth_enabled=False), "no token and no password"),
    ],
)
def test_each_loosened_setting_is_found(jp_serverapp, attribute, value, said):
    app = Loosened(jp_serverapp, attribute, value)
    assert said in findings(app)


class Loosened:
    """The server with one attribute replaced, past its type checks."""

    def __init__(self, app, attribute, value):
        self._app, self._attribute, self._value = app, attribute, value

    def __getattr__(self, name):
        return self._value if name == self._attribute else getattr(self._app, name)


def test_an_unknown_extension_is_found(jp_serverapp):
    extensions = {
        "jupyter_server_proxy": SimpleNamespace(enabled=True),
        "jupyter_lsp": SimpleNamespace(enabled=False),
        "kernel_guard.server": SimpleNamespace(enabled=True),
    }
    app = Loosened(jp_serverapp, "extension_manager", SimpleNamespace(extensions=extensions, extension_apps={}))
    said = findings(app)
    assert "jupyter_server_proxy is enabled" in said
    assert "jupyter server extension disable jupyter_server_proxy" in said
    assert "jupyter_lsp" not in said


def test_a_kernelspec_that_others_can_change_is_found(jp_serverapp, kernel_dir):
    spec = kernel_dir / "kernel-guard" / "kernel.json"
    spec.chmod(0o666)
    assert f"chmod go-w {spec}" in findings(jp_serverapp)


def test_a_kernel_folder_that_others_can_replace_is_found(jp_serverapp, kernel_dir):
    kernel_dir.parent.chmod(0o777)
    assert f"Others can replace what is in {kernel_dir.parent}" in findings(jp_serverapp)


def test_a_token_that_others_can_read_is_found(jp_serverapp, tmp_path, monkeypatch):
    token = tmp_path / "token"
    token.write_text("t")
    token.chmod(0o640)
    monkeypatch.setenv("KERNEL_GUARD_TOKEN_FILE", str(token))
    assert f"chmod 600 {token}" in findings(jp_serverapp)


@pytest.mark.parametrize("setting", ["headers", "page_config_hook"])
def test_a_page_without_its_locks_is_found(jp_serverapp, setting):
    jp_serverapp.web_app.settings[setting] = {}
    assert "page" in findings(jp_serverapp)


def test_the_process_ends_and_tells_all_at_once(jp_serverapp, caplog):
    jp_serverapp.disable_check_xsrf = True
    jp_serverapp.allow_origin = "*"
    with pytest.raises(SystemExit) as ended:
        refuse_unless_locked(jp_serverapp, GuardServer())
    assert ended.value.code == 78


def test_the_page_hook_keeps_what_was_disabled_before():
    page = lock_page(None, {"disabledExtensions": ["other"]})
    assert set(page["disabledExtensions"]) == {"other", *DISABLED_EXTENSIONS}


def test_the_locked_configuration_names_the_folder(tmp_path):
    config = lock_down(Config(), tmp_path, admit_notebook=dict)
    assert config.ServerApp.root_dir == str(tmp_path.resolve())
    assert config.ServerApp.jpserver_extensions["jupyter_lsp"] is False


def test_the_environment_drops_what_would_load_a_users_code(tmp_path):
    env = launch_environment(
        tmp_path / "etc",
        tmp_path / "state",
        {"PATH": "p", "PYTHONPATH": "x", "JUPYTER_PATH": "y", "PYTHONSTARTUP": "z"},
    )
    assert env["PATH"] == "p"
    assert env["JUPYTER_NO_CONFIG"] == "1"
    assert not {"PYTHONPATH", "PYTHONSTARTUP", "JUPYTER_PATH"} & set(env)


async def test_a_server_that_is_loosened_later_stops(jp_serverapp, monkeypatch, caplog):
    stopped: list[str] = []
    monkeypatch.setattr(extension.atexit, "register", lambda *_: stopped.append("exit code"))
    monkeypatch.setattr(jp_serverapp, "stop", lambda: stopped.append("stop"))
    extension.stop_unless_locked(jp_serverapp, GuardServer())
    assert not stopped
    jp_serverapp.disable_check_xsrf = True
    extension.stop_unless_locked(jp_serverapp, GuardServer())
    assert stopped == ["exit code", "stop"] and "refuses to serve" in caplog.text


async def test_a_check_that_fails_counts_as_a_finding(jp_serverapp):
    assert extension.tell_findings(Loosened(jp_serverapp, "contents_manager", None), GuardServer())


async def test_the_check_is_on_a_schedule(jp_serverapp):
    await extension._start_jupyter_server_extension(jp_serverapp)
    watch = jp_serverapp.web_app.settings["kernel_guard_watch"]
    assert watch.is_running() and watch.callback_time <= 60_000
    watch.stop()


def test_kernels_must_be_encrypted(jp_serverapp):
    jp_serverapp.kernel_manager.transport_encryption = "auto"
    assert "unencrypted" in findings(jp_serverapp)
