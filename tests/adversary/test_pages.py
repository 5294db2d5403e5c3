"""The adversary reads every page that there is, and complains of what it does not understand."""

import httpx
import pytest

from tests.adversary.events import Answer, Closes, EndsWave, Event
from tests.adversary.histories import history
from tests.adversary.pages import READERS, SILENT, STREAMS, read, routes
from tests.adversary.playing import Played
from tests.adversary.readers.words import Unread
from tests.adversary.school import ROLES
from tests.adversary.spying import Adversary
from tests.house import Running

GETS = {  # the roles that get a page that may tell something
    "/surveys/{survey_id}": {"owner"},
    "/surveys/{survey_id}/questions/{item}": {"owner", "colleague"},
    "/surveys/{survey_id}/scales/{key}": {"owner", "colleague"},
    "/surveys/{survey_id}/results.csv": {"owner"},
    "/surveys/{survey_id}/discussion": {"owner"},
    "/shared/{survey_id}": {"owner", "colleague"},
    "/boards/{board_id}": {"owner", "colleague"},
    "/board/{token}": set(ROLES),
    "/rounds/{round_id}": {"owner"},
    "/rounds/{round_id}/participation": {"owner"},
    "/rounds/{round_id}/closure": {"owner"},
    "/screen/{token}": set(ROLES),
    "/screen/{token}/participation": set(ROLES),
    "/{code}": set(ROLES),
    "/talk/{school_id}": set(ROLES),
    "/school": {"leader", "administrator"},
    "/wellbeing": {"leader"},
    "/schools": {"governor"},
    "/waves/{wave_id}": {"leader"},
    "/waves/{wave_id}/closure": {"leader"},
}
IN_A_WAVE = {  # its rounds are the school's, and its teachers hold them
    "/rounds/{round_id}": {"owner", "leader"},
    "/rounds/{round_id}/participation": {"owner", "leader"},
    "/rounds/{round_id}/closure": {"owner", "leader"},
    "/surveys/{survey_id}": set(),
    "/surveys/{survey_id}/questions/{item}": set(),
    "/surveys/{survey_id}/scales/{key}": set(),
    "/surveys/{survey_id}/results.csv": set(),
    "/surveys/{survey_id}/discussion": set(),
    "/shared/{survey_id}": set(),
}
A_YEAR, A_WAVE = 12, 18  # histories


async def test_every_route_is_read_or_said_to_be_unable_to_tell(empty_house: Running) -> None:
    there_are = set(routes(empty_house.app))
    understood = {("GET", route) for route in (*READERS, *STREAMS)} | SILENT.keys()
    assert there_are - understood == set(), "say in pages.py how these are read"
    assert understood - there_are == set(), "these are gone"


def test_every_page_that_tells_has_its_readers_named() -> None:
    assert GETS.keys() == {*READERS, *STREAMS}


@pytest.mark.parametrize(
    ("seed", "until", "gets"),
    [
        (A_YEAR, Answer, GETS),
        (A_YEAR, Closes, GETS),
        (A_WAVE, Answer, GETS | IN_A_WAVE),
        (A_WAVE, EndsWave, GETS | IN_A_WAVE),
    ],
)
async def test_each_role_gets_the_pages_that_are_its_own(
    empty_house: Running, seed: int, until: type[Event], gets: dict[str, set[str]]
) -> None:
    played = Played(empty_house, history(seed))
    adversary = Adversary(played)
    await played.school.move_in()
    for event in played.history.events:
        await played.happen(event)
        if isinstance(event, until):
            break
    round = played.rounds[0]
    for route, roles in gets.items():
        got = {role for role in ROLES if await adversary.fetch(role, route, round)}
        assert got in (roles, set()), route  # some are there only before or after closing


async def test_what_nobody_has_said_how_to_read_is_complained_of(empty_house: Running) -> None:
    played = Played(empty_house, history(1))
    for route, reply in (
        ("/classes", httpx.Response(200, html="<main>3 were negative</main>")),
        ("/classes", httpx.Response(200, html="<main data-negative='3'></main>")),
        ("/classes", httpx.Response(200, html="<main></main>", headers={"X-Negative": "3"})),
        ("/negative", httpx.Response(200, html="<main></main>")),
    ):
        with pytest.raises(Unread):
            list(read(route, reply, played, None))
    assert list(read("/classes", httpx.Response(200, html="<main></main>"), played, None)) == []
