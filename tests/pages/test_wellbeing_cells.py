"""Wellbeing over time, cell by cell: year groups, merged neighbours, classes where promised."""

import re

from surveys.instrument import library
from tests.house import Running
from tests.pages.living import text_of
from tests.pages.test_wellbeing import classes, lived, told

PULSE = library()["schoolpuls"]


# Cells


async def test_year_groups_stand_in_the_order_of_the_school(house: Running) -> None:
    groups = classes(house, year1=[25] * 3, year2=[25] * 3, year3=[25] * 3)
    await lived(
        house,
        groups,
        likely=lambda member: (0.2, 0.6) if member.year_group == 1 else (0.9, 0.02),
    )
    parts = re.findall(r'<th scope="row">(Year \d)', await told(house))
    assert parts == ["Year 1", "Year 2", "Year 3"] * len(PULSE.closed)


async def test_a_year_group_has_a_page_of_its_own(house: Running) -> None:
    groups = classes(house, year1=[25] * 3, year2=[24] * 3)
    await lived(house, groups, likely=lambda member: (member.year_group == 2, 0.0))
    page = text_of(await told(house, "/wellbeing?of=schoolpuls&cell=secondary-2"))
    assert "72" in page
    assert "Year 2" in page
    assert "or more of" in page


async def test_what_is_too_small_by_itself_is_said_to_count_elsewhere(house: Running) -> None:
    await lived(house, classes(house, year1=[25] * 4, year2=[25] * 3, year3=[20]))
    page = text_of(await told(house))
    assert "Year 2 + Year 3: told of together, because apart they are too small." in page


async def test_a_choice_that_is_not_there_shows_everybody(house: Running) -> None:
    await lived(house, classes(house, year1=[25] * 3))
    for address in "?cell=primary-9", "?of=nothing", "?until=x", "?cell=each", "?of=schoolpuls.7":
        assert "Everybody" in await told(house, f"/wellbeing{address}")


async def test_a_language_keeps_what_was_chosen(house: Running) -> None:
    (first, *_) = await lived(house, classes(house, year1=[25] * 3, year2=[25] * 3))
    page = await told(house, f"/wellbeing?cell=secondary-2&until={first.wave_id}")
    link = re.search(r'href="([^"]+language=nl)"', page)
    assert link
    shown = await told(house, link[1].replace("&amp;", "&"))
    assert "Leerjaar 2</h2>" in shown
    assert "Je kijkt naar hoe het op 7 november 2025 was." in shown


async def test_what_is_all_printed_holds_every_cell_once(house: Running) -> None:
    await lived(house, classes(house, year1=[25] * 3, year2=[25] * 3))
    page = await told(house, "/wellbeing?cell=each")
    assert re.findall(r"<h2>([^<]+)</h2>", page) == ["Everybody", "Year 1", "Year 2"]
    assert page.count("This is not the statutory safety monitor.") == 3


# Classes


async def test_without_the_class_level_view_no_class_is_named(house: Running) -> None:
    await lived(house, classes(house, year1=[25] * 3, year2=[25] * 3))
    for cell in "", "secondary-1", "each":
        page = await told(house, f"/wellbeing?cell={cell}")
        assert not re.search(r"\b[12][ABC]\b", text_of(page))


async def test_with_it_classes_stand_by_name_and_small_ones_together(house: Running) -> None:
    groups = classes(house, year1=[25, 24, 26, 8, 8], year2=[25, 25, 25, 5])
    await lived(house, groups, by_class=True, likely=lambda member: (member.name != "1A", 0.0))
    page = await told(house, "/wellbeing?cell=secondary-1")
    rows = re.findall(r'<th scope="row">([^<\n]+)', page.split('class="parts"')[1])
    assert [row.strip() for row in rows[:4]] == ["1A", "1B", "1C", "1D + 1E, small, together"]
    second = text_of(await told(house, "/wellbeing?cell=secondary-2"))
    assert "2D too few answers" in second
    assert "1A" not in text_of(await told(house, "/wellbeing"))
