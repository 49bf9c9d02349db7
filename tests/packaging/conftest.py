"""What the packaging tests share: the checkout, and an environment in which no system Node can help."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def checkout() -> Path:
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def python_tools_only() -> dict[str, str]:
    """This environment's own jlpm and Node (they come as wheels) before anything of the system."""
    return os.environ | {"PATH": f"{sysconfig.get_path('scripts')}:/usr/bin:/bin", "NODE_USE_SYSTEM_CA": "1"}
