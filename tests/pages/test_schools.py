"""The one page of a governing board: schools' totals with their trends, and nothing finer."""

import re
from collections.abc import Sequence

import asyncpg
import httpx
import pytest

from tests.governors import BOARD, a_school, id_of, invited, says_yes, seated, withdraws, words
from tests.house import Running
from tests.pages.test_waves import CLASSES, end, everybody_answers, filled, open_wave, three_classes

NETWORK = "Netwerk Noord"


async def page_of(governor: httpx.AsyncClient, path: str = "/schools") -> str:
    reply = await governor.get(path)
    assert reply.status_code == 200
    return words(reply.text)


async def named(governor: httpx.AsyncClient) -> Sequence[str]:
    """The schools that stand on the page, from top to bottom."""
    page = (await governor.get("/schools")).text
    return re.findall('<section class="school.*?<h2>(.*?)</h2>', page, re.DOTALL)


async def figures(governor: httpx.AsyncClient, school: str) -> str:
    """All that stands there of a school, without the words of the page around it."""
    page = (await governor.get("/schools")).text
    (section,) = [each for each in page.split("<section") if f"<h2>{school}</h2>" in each]
    return section.partition("</section>")[0]


async def test_before_any_school_says_yes_there_is_a_link_to_give(house: Running) -> None:
    bea = await seated(house, language="en")
    page = (await bea.get("/schools")).text
    assert "No school has said yes yet." in page
    assert f'value="{house.url}/school/outside/{await id_of(house)}"' in page


async def test_a_school_stands_there_with_its_totals_and_its_own_trend(house: Running) -> None:
    bea = await seated(house, language="en")
    await a_school(house, "De Wissel", 0.85, 0.85, 0.5)
    page = await page_of(bea)
    assert re.search(r"De Wissel 9 August 2026: \d+ of 216 took part", page)
    assert re.search(r"[45]\d% do well, [12]\d% do not\.", page)
    assert re.search(r"Last time 8\d%, now [45]\d%: clearly fewer do well", page)
    section = await figures(bea, "De Wissel")
    assert len(re.findall('<th scope="row">', section)) == 4 * 3  # four questions, three waves


async def test_schools_stand_in_the_order_of_their_names(house: Running) -> None:
    bea = await seated(house)
    await a_school(house, "Zuidlaan", 0.9, 0.95)
    await a_school(house, "Anker", 0.4, 0.3)
    await a_school(house, "De Molen", 0.7)
    await a_school(house, "beukenhof")
    assert await named(bea) == ["Anker", "beukenhof", "De Molen", "Zuidlaan"]
    page = (await bea.get("/schools?sort=result")).text
    assert page.index("Anker") < page.index("Zuidlaan")


async def test_nothing_finer_than_the_school_is_on_the_page(house: Running) -> None:
    bea = await seated(house, language="en")
    await a_school(house, "De Wissel", 0.8, 0.8, 0.8)
    page = (await bea.get("/schools")).text
    for class_ in ("1A", "2B", "3C"):
        assert class_ not in page
    assert not re.search(r"Year \d|Class by class|middle half lies between", page)


async def test_a_band_is_told_from_five_schools_on(house: Running) -> None:
    bea = await seated(house, language="en")
    for number, name in enumerate(("Een", "Twee", "Drie", "Vier")):
        await a_school(house, name, 0.5 + number / 10)
    assert "middle half" not in await page_of(bea)
    assert "From 5 schools on" in await page_of(bea)
    await a_school(house, "Vijf", 0.9)
    page = await page_of(bea)
    told = page.partition("Where the middle half of these schools lies")[2]
    bands = re.findall(r"(\d+)% to (\d+)%", told)
    assert len(bands) == 4  # a line for each question
    assert all(int(edge) % 5 == 0 for band in bands for edge in band)


async def test_a_school_that_told_nothing_yet_stands_there_without_figures(
    house: Running,
) -> None:
    bea = await seated(house, language="en")
    await a_school(house, "De Wissel")
    assert "Nothing has been told yet." in await page_of(bea)
    assert not re.search(r"\d%", await figures(bea, "De Wissel"))


async def test_students_and_staff_are_followed_apart(house: Running) -> None:
    bea = await seated(house, language="en")
    await a_school(house, "De Wissel", 0.8)
    await a_school(house, "Teamschool", 0.7, key="teamthermometer", years=(1, 2))
    page = (await bea.get("/schools")).text
    other = re.search(r'href="(/schools\?board=[0-9a-f-]+&amp;of=teamthermometer\.1)"', page)
    assert other
    page = await page_of(bea, other[1].replace("&amp;", "&"))
    assert "I enjoy my work" in page
    assert "De Wissel Said yes." in page


# Whose totals, and whose not


async def test_what_a_wave_of_real_answers_told_is_what_the_board_reads(house: Running) -> None:
    bea, leader = await seated(house, language="en"), await house.staff("wim")
    await three_classes(house)
    await says_yes(house, leader)
    wave_id = await open_wave(house, leader, filled(house, ("2B", *CLASSES)))
    await everybody_answers(house, leader, wave_id)
    assert not re.search(r"\d%", await figures(bea, "Het Kompas"))  # nothing before its end
    await end(house, leader, wave_id)
    page = await figures(bea, "Het Kompas")
    assert "48 of 60 took part" in page
    assert "<b>92%</b> do well" in page  # eleven of twelve in each class


async def test_a_school_that_takes_its_yes_back_is_gone_at_once(house: Running) -> None:
    bea, leader = await seated(house), await house.staff("wim")
    await says_yes(house, leader)
    assert await named(bea) == ["Het Kompas"]
    await withdraws(house, leader)
    assert await named(bea) == []


async def test_a_school_that_was_not_asked_or_said_no_is_not_there(house: Running) -> None:
    bea = await seated(house)
    await a_school(house, "Zonder ja", 0.8, board=None)
    await a_school(house, "De Wissel", 0.8)
    assert await named(bea) == ["De Wissel"]


async def test_a_board_sees_the_schools_of_no_other(house: Running) -> None:
    bea, cas = await seated(house), await seated(house, "cas", NETWORK)
    await a_school(house, "De Wissel", 0.8)
    await a_school(house, "Noordpunt", 0.7, board=NETWORK)
    assert await named(bea) == ["De Wissel"]
    assert await named(cas) == ["Noordpunt"]
    theirs = f"/schools?board={await id_of(house, NETWORK)}"
    assert "Noordpunt" not in await page_of(bea, theirs)


async def test_two_boards_of_a_school_read_the_same_numbers(house: Running) -> None:
    """Together they know nothing that one of them does not: there is nothing to subtract."""
    bea, cas = await seated(house, language="en"), await seated(house, "cas", NETWORK, "en")
    leader = await house.staff("wim")
    await three_classes(house)
    for board in (BOARD, NETWORK):
        await says_yes(house, leader, board)
    wave_id = await open_wave(house, leader, filled(house, ("2B", *CLASSES)))
    await everybody_answers(house, leader, wave_id)
    await end(house, leader, wave_id)
    hers = await figures(bea, "Het Kompas")
    assert re.search(r"\d%", hers)
    assert hers == await figures(cas, "Het Kompas")


async def test_a_board_that_joined_later_reads_fewer_waves_and_of_each_the_same(
    house: Running,
) -> None:
    bea, cas = await seated(house, language="en"), await seated(house, "cas", NETWORK, "en")
    school_id = await a_school(house, "De Wissel", 0.8, 0.8, 0.6)
    look = await asyncpg.connect(house.dsn)
    await look.execute(
        "insert into governing_school select school_id, $2, '2026-07-01', joined_by "
        "from governing_school where school_id = $1",
        school_id,
        await id_of(house, NETWORK),
    )
    await look.execute(
        "insert into governing_wave select school_id, $2, wave_id from governing_wave "
        "join wave using (school_id, wave_id) where school_id = $1 and opened_on > '2026-07-01'",
        school_id,
        await id_of(house, NETWORK),
    )
    await look.close()
    line = re.compile(r'<th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td>')
    hers, his = [line.findall(await figures(one, "De Wissel")) for one in (bea, cas)]
    assert len(hers) == 3 * len(his) > 0
    assert set(his) <= set(hers)


@pytest.mark.parametrize("name", ["ilse", "omar", "wim", "ada", "eva"])
async def test_nobody_of_a_school_reads_it(house: Running, name: str) -> None:
    """Not the leader either: what other schools told is theirs."""
    await seated(house)
    await a_school(house, "De Wissel", 0.8)
    await says_yes(house, await house.staff("wim"))
    staff = await house.staff(name)
    for path in ("/schools", f"/schools?board={await id_of(house)}"):
        reply = await staff.get(path)
        assert reply.status_code == 404
        assert "De Wissel" not in reply.text


async def test_who_is_not_signed_in_or_only_invited_reads_nothing(house: Running) -> None:
    await a_school(house, "De Wissel", 0.8, board=None)
    path = await invited(house, "bea")
    async with house.visitor() as anybody:
        assert (await anybody.get("/schools")).headers["location"] == "/signin?next=/schools"
        assert "De Wissel" not in (await anybody.get(path)).text
