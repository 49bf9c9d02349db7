from __future__ import annotations

import pytest

from kernel_guard.client.frame import Frame
from kernel_guard.client.session import Session, Study
from tests.unit.client.fakes import FakeVault


@pytest.fixture
def vault() -> FakeVault:
    return FakeVault()


@pytest.fixture
def study(vault: FakeVault) -> Study:
    return Session(vault).open("demo")


@pytest.fixture
def person(study: Study) -> Frame:
    return study["person"]


@pytest.fixture
def visit(study: Study) -> Frame:
    return study["visit"]
