from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from batch.edges.store.engine import Store
from tests.edges.store.builders import a_filled_store, an_empty_store


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    """A database with the present schema and no rows."""
    store = an_empty_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Store]:
    """A database with one commitment and its first approved application."""
    store = a_filled_store(tmp_path)
    yield store
    store.close()
