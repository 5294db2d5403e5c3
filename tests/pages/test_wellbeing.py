"""Wellbeing over time: what the school's leaders read of its waves, and nobody else."""

import asyncio
import re
from collections.abc import Sequence
from datetime import date
from random import Random

import pytest

from surveys.instrument import Stage, library
from surveys.rounds import Group
from surveys.waves import Wave
from tests import past_waves
from tests.house import Running
from tests.pages.living import look, statuses, text_of
from tests.pages.test_waves import UNWELL, WELL, end, filled, open_wave, rounds_of

PULSE, TEAM = library()["schoolpuls"], library()["teamthermometer"]
DAYS = [date(2025, 11, 7), date(2026, 3, 13), date(2026, 6, 5)]
INTERVALS = r'<span class="interval">([^<]+)</span>'


def classes(house: Running, **years: Sequence[int]) -> list[Group]:
    """Of Het Kompas; by year group, `year1=[25, 24, 26]`."""
    sizes = {int(year.removeprefix("year")): found for year, found in years.items()}
    return past_waves.classes(house.cast.school, Random(1), sizes, Stage.SECONDARY)


def alike(well: float = 0.8, unwell: float = 0.06) -> past_waves.Likely:
    return lambda member: (well, unwell)


async def lived(
    house: Running,
    groups: Sequence[Group],
    *days: date,
    likely: past_waves.Likely | None = None,
    **asked: object,
) -> list[Wave]:
    return await past_waves.live(
        house.dsn, house.cast.school, PULSE, days or DAYS, groups, likely or alike(), **asked
    )


async def told(house: Running, address: str = "/wellbeing", language: str = "en") -> str:
    leader = await house.staff("wim", language)
    reply = await leader.get(address)
    assert reply.status_code == 200, reply.text
    return reply.text


# For whose eyes


async def test_wellbeing_is_the_leaders_of_the_school_and_nobody_elses(house: Running) -> None:
    await lived(house, classes(house, year1=[25, 24, 26]))
    for name, role in ("ada", "adviser"), ("eva", "leader"):
        await look(
            house,
            "insert into membership (school_id, account_id, role) "
            "select school_id, account_id, $2 from membership where account_id = $1 limit 1",
            house.cast.people[name],
            role,
        )
    others = {"ilse": 404, "omar": 404, "ada": 404, "nobody": 303}
    assert await statuses(house, "/wellbeing", *others) == others
    elsewhere = await house.staff("eva")
    page = await elsewhere.get("/wellbeing")
    assert page.status_code == 200  # she leads another school, which was never asked
    assert 'class="interval"' not in page.text
    assert "van de 75" not in page.text


async def test_another_schools_wave_is_not_reached_by_its_number(house: Running) -> None:
    (wave, *_) = await lived(house, classes(house, year1=[25, 24, 26]))
    await look(
        house,
        "insert into membership (school_id, account_id, role) values ($1, $2, 'leader')",
        house.cast.other_school,
        house.cast.people["eva"],
    )
    elsewhere = await house.staff("eva")
    page = await elsewhere.get(f"/wellbeing?of=schoolpuls.1&until={wave.wave_id}")
    assert 'class="interval"' not in page.text


async def test_the_menu_leads_leaders_there(house: Running) -> None:
    for name, there in ("wim", True), ("ilse", False), ("ada", False):
        visitor = await house.staff(name)
        assert ('href="/wellbeing"' in (await visitor.get("/account")).text) == there


# Before anything was told


async def test_a_new_leader_reads_what_this_gives_and_has_one_thing_to_do(house: Running) -> None:
    page = await told(house)
    assert page.count('class="button main"') == 1
    assert 'href="/waves/new"' in page
    assert "not the statutory safety monitor" in page


async def test_while_the_first_wave_runs_nothing_is_told(house: Running) -> None:
    wave_id = await two_classes_answer(house)
    page = await told(house)
    assert f"/waves/{wave_id}" in page
    assert not re.search(INTERVALS, page)
    assert 'href="/waves/new"' not in page


async def two_classes_answer(house: Running) -> str:
    for name in ("2C", "2D", "2E"):
        await house.add_class(name, 12)
    leader = await house.staff("wim")
    wave_id = await open_wave(house, leader, filled(house))
    for round_id in (await rounds_of(house, leader, wave_id))[:2]:
        code = await house.code(leader, round_id)
        for _ in range(12):
            await house.answer(code, WELL)
    return wave_id


async def test_where_too_few_answered_it_says_so_and_tells_nothing(house: Running) -> None:
    wave_id = await two_classes_answer(house)
    await end(house, await house.staff("wim"), wave_id)
    page = await told(house)
    assert "too few took part to tell something of all together" in page
    assert not re.search(INTERVALS, page)


# The lower end


async def test_of_six_in_a_hundred_who_are_not_well_the_page_says_so(house: Running) -> None:
    """A year group of 250 answers on its phones; 15 of them, anywhere in it, are not well."""
    names = tuple(f"2{letter}" for letter in "KLMNOPQRST")
    for name in names:
        await house.add_class(name, 25)
    leader = await house.staff("wim", "en")
    wave_id = await open_wave(house, leader, filled(house, names))
    unwell = {*Random(6).sample(range(250), 15)}
    forms = [UNWELL if student in unwell else WELL for student in range(250)]
    rounds = await rounds_of(house, leader, wave_id)
    codes = [await house.code(leader, round_id) for round_id in rounds]
    for number, code in enumerate(codes):
        mine = forms[25 * number : 25 * (number + 1)]
        replies = await asyncio.gather(*(house.answer(code, form) for form in mine))
        assert {reply.status_code for reply in replies} == {200}
    await end(house, leader, wave_id)
    page = text_of((await leader.get("/wellbeing")).text)
    shares = re.findall(r"(\d+)% chose “Never” or “Almost never”: 15 of 250", page)
    assert len(shares) >= 3
    assert all(abs(int(share) - 6) <= 2 for share in shares)
    assert "250 of 250 took part" in page


async def test_both_ends_stand_in_words_in_the_table_and_in_the_chart(house: Running) -> None:
    await lived(house, classes(house, year1=[25, 24, 26]))
    page = await told(house)
    seen = [item.text["en"] for item in PULSE.closed]
    for text, block in zip(
        seen, page.split('<ol class="items">')[1].split("<h3>")[1:], strict=False
    ):
        assert block.startswith(text)
        well, unwell = re.findall(INTERVALS, block)[:2]
        assert re.search(
            rf"<td>\d+% \({well}\)</td><td>[^<]+\({unwell}\)</td></tr>\s*</tbody>", block
        )
        assert block.count('<polyline class="line"') == 2
        assert f"goes well: {well}" not in block
        assert len(re.findall(r'"mode":"lines\+markers"', block)) == 2


# Over time


async def test_one_wave_is_no_trend_and_two_are_none_either(house: Running) -> None:
    groups = classes(house, year1=[25] * 4)
    for number, day in enumerate(DAYS, start=1):
        await lived(house, groups, day)
        page = await told(house)
        assert ("Too early for a trend, good to talk about." in page) == (number < 3)


@pytest.mark.parametrize(
    ("unwell", "said"), [(0.06, "normal ups and downs"), (0.55, "clearly more")]
)
async def test_the_page_says_whether_anything_changed_for_sure(
    house: Running, unwell: float, said: str
) -> None:
    groups = classes(house, year1=[25] * 10)
    await lived(house, groups, *DAYS[:2])
    await lived(
        house, groups, DAYS[2], likely=alike(well=0.4, unwell=unwell) if unwell > 0.1 else None
    )
    page = await told(house)
    assert said in page.split('<p class="lead">')[1].split('<div class="first">')[0]


async def test_an_earlier_wave_is_looked_at_as_it_was_then(house: Running) -> None:
    first, *_ = await lived(house, classes(house, year1=[25] * 3))
    link = re.search(r'href="([^"]+)">7 November 2025<', await told(house))
    assert link
    page = await told(house, link[1].replace("&amp;", "&"))
    assert str(first.wave_id) in link[1]
    assert "You look at how it was on 7 November 2025." in page
    assert "Too early for a trend" in page
    assert not re.search(r"(?<!>)5 June 2026", page)  # but as a link back


async def test_decisions_stand_on_the_axis_and_below(house: Running) -> None:
    groups = classes(house, year1=[25] * 3)
    await lived(house, groups, DAYS[0], decision="Elke mentor praat met <iedereen>")
    await lived(house, groups, DAYS[1])
    page = await told(house)
    assert "Elke mentor praat met &lt;iedereen&gt;" in page
    assert page.count("<iedereen>") == 0
    assert re.search(r'<path class="mark" d="M[\d.]+ 16V136"/>', page)


async def test_the_team_has_a_trend_beside_the_students(house: Running) -> None:
    await lived(house, classes(house, year1=[25] * 3))
    teams = [
        past_waves.team(house.cast.school, Random(number), name, 14)
        for number, name in enumerate(["Onderbouw", "Bovenbouw", "Exact"])
    ]
    await past_waves.live(house.dsn, house.cast.school, TEAM, DAYS, teams, alike())
    page = await told(house)
    assert "School pulse" in page.split("</h1>")[0]
    link = re.search(r'href="(/wellbeing\?of=teamthermometer[^"]*)"', page)
    assert link
    staff = await told(house, link[1])
    assert "3 teams" in staff
    assert "safety monitor" not in staff


async def test_however_many_waves_there_are_the_page_asks_the_database_as_often(
    house: Running,
) -> None:
    groups = classes(house, year1=[25] * 3, year2=[25] * 3)
    statements: list[str] = []
    async with house.service.house.pool.acquire() as connection:
        connection.add_query_logger(lambda record: statements.append(record.query))
    leader, counted = await house.staff("wim"), []
    for day in DAYS:
        await lived(house, groups, day, by_class=True)
        statements.clear()
        assert (await leader.get("/wellbeing?cell=each")).status_code == 200
        about = [each for each in statements if re.search(r"from (wave|wave_group|pool)\b", each)]
        counted.append(len(about))
    assert counted == [4, 4, 4]
