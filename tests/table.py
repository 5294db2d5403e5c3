"""The table at the end of a run: what was played, killed and filled, and what came of it."""

import pytest

TABLE = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLE] = {}


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if lines := config.stash[TABLE]:
        terminalreporter.section("what was tried, and what came of it")
        for name, figure in lines.items():
            terminalreporter.write_line(f"{name:42} {figure}")


@pytest.fixture
def table(request: pytest.FixtureRequest) -> dict[str, str]:
    """Lines to be added to it, by name."""
    return request.config.stash[TABLE]
