from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from world import World

import tollgate


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A folder that this test may change."""
    return World(tmp_path)


@pytest.fixture
def gate(world: World) -> Iterator[tollgate.Gate]:
    gate = tollgate.Gate.from_config(world.config)
    yield gate
    gate.stop_refresh()
