"""What `pip install` brings: built from the checkout and from the sdist, and looked into.

- The hook builds the JupyterLab extension only where a source is newer than what was built; after `make test` none is.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from kernel_guard.server.kernelspecs import GUARDED_KERNEL, GuardKernelSpecManager

pytestmark = pytest.mark.slow

DATA = "kernel_guard-0.1.0.data/data/"
LABEXTENSION = DATA + "share/jupyter/labextensions/@kernel-guard/labextension/"


def build(target: str, folder: Path, out: Path, env: dict[str, str]) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return next(out.iterdir())


@pytest.fixture(scope="module")
def wheel(checkout: Path, python_tools_only: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", checkout, tmp_path_factory.mktemp("wheel"), python_tools_only)


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def names(wheel: Path) -> set[str]:
    return {name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith("/")}


def test_jupyterlab_finds_the_entry_point_of_the_extension(unpacked: Path) -> None:
    folder = unpacked / LABEXTENSION
    package = json.loads((folder / "package.json").read_text())
    assert package["name"] == "@kernel-guard/labextension"
    assert (folder / package["jupyterlab"]["_build"]["load"]).is_file()
    assert package["jupyterlab"]["_build"]["mimeExtension"] == "./mimeExtension"
    assert (folder / "static" / "style.js").is_file()
    assert json.loads((folder / "install.json").read_text())["packageName"] == "kernel-guard"


def test_jupyter_server_loads_the_extension_unasked(unpacked: Path) -> None:
    config = json.loads((unpacked / DATA / "etc/jupyter/jupyter_server_config.d/kernel-guard.json").read_text())
    assert config == {"ServerApp": {"jpserver_extensions": {"kernel_guard.server": True}}}


def test_the_guarded_kernel_is_found(unpacked: Path) -> None:
    manager = GuardKernelSpecManager(kernel_dirs=[str(unpacked / DATA / "share/jupyter/kernels")])
    spec = manager.get_kernel_spec(GUARDED_KERNEL)
    assert spec.display_name == "Python (guarded)"
    assert spec.argv[1:] == ["-P", "-m", "kernel_guard.wrapper", "-f", "{connection_file}"]
    assert spec.metadata == {"debugger": False, "supported_encryption": "curve"}
    logos = {path.name for path in Path(spec.resource_dir).glob("logo-*")}
    assert logos == {"logo-32x32.png", "logo-64x64.png", "logo-svg.svg"}


def test_every_file_of_the_package_is_in_the_wheel(checkout: Path, wheel: Path) -> None:
    package = checkout / "kernel_guard"
    left_out = {"__pycache__", "labextension"}
    files = {
        str(path.relative_to(checkout))
        for path in package.rglob("*")
        if path.is_file() and not left_out & set(path.relative_to(package).parts)
    }
    assert any(name.endswith(".csv") for name in files)
    assert any("/migrations/versions/" in name for name in files)
    assert files - names(wheel) == set()


def test_the_lessons_are_where_the_demo_looks(checkout: Path, wheel: Path) -> None:
    lessons = {f"kernel_guard/cli/lessons/{path.name}" for path in (checkout / "notebooks").glob("*.ipynb")}
    assert lessons <= names(wheel)


def test_the_wheel_holds_the_product_alone(unpacked: Path) -> None:
    top = {path.name.removeprefix("kernel_guard-0.1.0.") for path in unpacked.iterdir()}
    assert top == {"kernel_guard", "data", "dist-info"}
    entry_points = (unpacked / "kernel_guard-0.1.0.dist-info" / "entry_points.txt").read_text()
    assert "kernel-guard = kernel_guard.cli.main:app" in entry_points


def test_an_editable_install_brings_the_same_data_files(
    checkout: Path, wheel: Path, python_tools_only: dict[str, str], tmp_path: Path
) -> None:
    editable = build("wheel:editable", checkout, tmp_path, python_tools_only)
    assert {name for name in names(editable) if name.startswith(DATA)} == {
        name for name in names(wheel) if name.startswith(DATA)
    }


def test_a_wheel_made_of_the_sdist_is_the_same_and_needs_no_node(
    checkout: Path, wheel: Path, python_tools_only: dict[str, str], tmp_path: Path
) -> None:
    sdist = build("sdist", checkout, tmp_path / "sdist", python_tools_only)
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    source = next((tmp_path / "source").iterdir())
    assert not (source / "extension" / "node_modules").exists()
    no_jlpm = python_tools_only | {"PATH": "/usr/bin:/bin"}
    assert names(build("wheel", source, tmp_path / "again", no_jlpm)) == names(wheel)
