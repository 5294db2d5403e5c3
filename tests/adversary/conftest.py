"""How much is played, and the table of what came of it.

In the ordinary tests 200 histories are played over HTTP and 20 in process. `pytest -m adversary`
plays 10,000: 500 over HTTP, the rest through the same pages in process. Both use all cores, and
end in one table, to which other tests add their lines through the fixture `table`.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from itertools import islice

import pytest

from tests.adversary.histories import history
from tests.adversary.judging import Finding, Tally
from tests.adversary.side_by_side import Chunk, playing
from tests.adversary.twins import twin
from tests.table import TABLE

TALLY = pytest.StashKey[Tally]()

ORDINARY_OVER_HTTP, OVER_HTTP, ORDINARY, ALL = 200, 500, 520, 10_000
ORDINARY_TWINS, ALL_TWINS = 10, 100
HISTORIES = 50  # played in one service


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TALLY] = Tally()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "chunk" in metafunc.fixturenames:
        metafunc.parametrize("chunk", chunks(metafunc.config), ids=lambda chunk: chunk.name)
    if "seed_of_twins" in metafunc.fixturenames:
        pairs = ALL_TWINS if everything(metafunc.config) else ORDINARY_TWINS
        with_twin = (seed for seed in range(ALL) if twin(history(seed)))
        metafunc.parametrize("seed_of_twins", [*islice(with_twin, pairs)])


def everything(config: pytest.Config) -> bool:
    return "adversary" in config.getoption("markexpr")


def chunks(config: pytest.Config) -> list[Chunk]:
    over_http = OVER_HTTP if everything(config) else ORDINARY_OVER_HTTP
    until = ALL if everything(config) else ORDINARY
    return [*chunked(0, over_http, over_http=True), *chunked(OVER_HTTP, until, over_http=False)]


def chunked(first: int, until: int, *, over_http: bool) -> Iterator[Chunk]:
    for start in range(first, until, HISTORIES):
        yield Chunk(range(start, min(start + HISTORIES, until)), over_http)


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    return request.config.stash[TALLY]


@pytest.fixture(scope="session")
def side_by_side(
    cluster: str, template: str, request: pytest.FixtureRequest
) -> Iterator[Mapping[Chunk, Future[Sequence[Finding]]]]:
    """What comes of each chunk that is to be tested."""
    asked_for = [
        item.callspec.params for item in request.session.items if hasattr(item, "callspec")
    ]
    chunks = [params["chunk"] for params in asked_for if "chunk" in params]
    with playing(cluster, template, chunks) as playing_now:
        yield playing_now


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Its lines stand at the top of the table."""
    stash = session.config.stash
    played: dict[str, str] = dict(lines_of(stash[TALLY]))
    stash[TABLE] = played | stash[TABLE]


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
