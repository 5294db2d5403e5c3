"""How much is played, and the table of what came of it.

In the ordinary tests 200 histories are played over HTTP and 20 in process. `pytest -m adversary`
plays 10,000: 500 over HTTP, the rest through the same pages in process, on all cores. Both end in
one table, to which other tests add their lines through the fixture `table`.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from itertools import islice

import pytest

from tests.adversary.histories import history
from tests.adversary.judging import Finding, Tally
from tests.adversary.side_by_side import playing
from tests.adversary.twins import twin
from tests.table import TABLE

TALLY = pytest.StashKey[Tally]()

ORDINARY_OVER_HTTP, OVER_HTTP, ORDINARY, ALL = 200, 500, 520, 10_000
ORDINARY_TWINS, ALL_TWINS = 10, 100
CHUNK = 50  # histories played in one school's server


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TALLY] = Tally()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Seeds of the histories, in chunks: each chunk has a server and a database of its own."""
    if "seeds_over_http" in metafunc.fixturenames:
        until = OVER_HTTP if everything(metafunc.config) else ORDINARY_OVER_HTTP
        metafunc.parametrize("seeds_over_http", chunks(0, until), ids=named)
    if "seeds_in_process" in metafunc.fixturenames:
        metafunc.parametrize("seeds_in_process", seeds_in_process(metafunc.config), ids=named)
    if "seed_of_twins" in metafunc.fixturenames:
        pairs = ALL_TWINS if everything(metafunc.config) else ORDINARY_TWINS
        with_twin = (seed for seed in range(ALL) if twin(history(seed)))
        metafunc.parametrize("seed_of_twins", [*islice(with_twin, pairs)])


def everything(config: pytest.Config) -> bool:
    return "adversary" in config.getoption("markexpr")


def seeds_in_process(config: pytest.Config) -> list[range]:
    return chunks(OVER_HTTP, ALL if everything(config) else ORDINARY)


def chunks(first: int, until: int) -> list[range]:
    return [range(start, min(start + CHUNK, until)) for start in range(first, until, CHUNK)]


def named(seeds: range) -> str:
    return f"{seeds.start}-{seeds.stop - 1}"


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    return request.config.stash[TALLY]


@pytest.fixture(scope="session")
def side_by_side(
    cluster: str, template: str, request: pytest.FixtureRequest
) -> Iterator[Mapping[range, Future[Sequence[Finding]]]]:
    """What comes of each chunk of the histories in process."""
    with playing(cluster, template, seeds_in_process(request.config)) as chunks:
        yield chunks


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    lines = [*lines_of(config.stash[TALLY]), *config.stash[TABLE].items()]
    if lines:
        terminalreporter.section("the adversary")
        for name, figure in lines:
            terminalreporter.write_line(f"{name:42} {figure}")


def lines_of(tally: Tally) -> Sequence[tuple[str, str]]:
    if not tally.findings:
        return []
    absentees, guessed = tally.total("absentees"), tally.total("guessed")
    return [
        ("histories", f"{len(tally.findings):,}"),
        ("pages read", f"{tally.total('looks'):,}"),
        ("students determined", str(tally.total("determined"))),
        *(
            (f"smallest ambiguity (at least {d})", str(ambiguous))
            for d, ambiguous in tally.smallest.items()
        ),
        (
            "known absentees, if nobody else changed",
            f"{guessed} of {absentees} items would be known ({guessed / max(1, absentees):.0%})",
        ),
    ]
