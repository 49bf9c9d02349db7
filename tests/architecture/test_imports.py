"""The zones hold in a clean interpreter, not only on paper."""

from __future__ import annotations

import subprocess
import sys

FORBIDDEN = ("duckdb", "ibis", "opendp", "sqlalchemy", "cryptography")


def loaded_by(module: str) -> set[str]:
    code = f"import {module}, sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_client_loads_nothing_of_the_vault() -> None:
    assert not loaded_by("kernel_guard.client") & set(FORBIDDEN)


def test_plan_is_standard_library_only() -> None:
    extra = loaded_by("kernel_guard.plan.codec") - set(sys.stdlib_module_names) - {"kernel_guard", "__main__"}
    assert not {name for name in extra if not name.startswith(("_", "pytest", "coverage", "sitecustomize"))}, extra
