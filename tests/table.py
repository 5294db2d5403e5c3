"""The table at the end of a run: what was played against anonymity, and what came of it."""

import pytest

TABLE = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLE] = {}


@pytest.fixture
def table(request: pytest.FixtureRequest) -> dict[str, str]:
    """Lines to be added to it, by name."""
    return request.config.stash[TABLE]
