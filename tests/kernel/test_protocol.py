"""What Jupyter's own conformance suite asks of any kernel."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import jupyter_kernel_test as jkt
import pytest

from tests.lib.kernels import GUARDED


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Any:
    """The suite starts kernels with this process's environment."""
    with tempfile.TemporaryDirectory(prefix="kgk-") as folder:
        given = {"KERNEL_GUARD_RUNTIME_DIR": folder, "HOME": folder}
        with mock.patch.dict(os.environ, given):
            os.environ.pop("KERNEL_GUARD_VAULT", None)
            yield Path(folder)


class TestGuardedKernel(jkt.KernelTests):
    kernel_name = GUARDED
    language_name = "python"
    file_extension = ".py"
    code_hello_world = "print('hello, world')"
    code_stderr = "import sys; print('test', file=sys.stderr)"
    completion_samples = [{"text": "zi", "matches": {"zip"}}, {"text": "import colle", "matches": {"collections"}}]
    complete_code_samples = ["1", "print('hello, world')", "def f(x):\n  return x*2\n\n\n"]
    incomplete_code_samples = ["print('''hello", "def f(x):\n  x*2"]
    invalid_code_samples = ["import = 7q"]
    code_page_something = "zip?"
    code_generate_error = "raise ValueError('an error')"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "[n*n for n in range(1, 4)]", "result": "[1, 4, 9]"},
    ]
    code_display_data = [
        {"code": "from IPython.display import HTML, display; display(HTML('<b>test</b>'))", "mime": "text/html"}
    ]
    code_inspect_sample = "zip"
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_clear_output = "from IPython.display import clear_output; clear_output()"


class TestWelcome(jkt.IopubWelcomeTests):
    kernel_name = GUARDED
    support_iopub_welcome = True
