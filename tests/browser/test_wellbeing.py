"""Wellbeing over time on a screen and on paper."""

import re
from datetime import date, timedelta
from random import Random

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, PdfMargins, expect

from surveys.instrument import Stage, library
from tests import past_waves
from tests.browser.test_staff_pages import signed_in
from tests.house import Running

pytestmark = pytest.mark.browser

PULSE, TEAM = library()["schoolpuls"], library()["teamthermometer"]
LONG = (
    "Elke mentor praat in de eerste maand met elke leerling, en de kantine gaat eerder open en "
    "krijgt hoeken waar het rustig is voor wie dat wil"
)


async def nine_years(house: Running) -> None:
    """27 waves of four year groups, each decided on in as many words as fit.

    With the last one everything changes, so that each page has as much to say as it can have.
    """
    school_id = house.cast.school
    sizes = {year: [25, 24, 26] for year in range(1, 5)}
    groups = past_waves.classes(school_id, Random(1), sizes, Stage.SECONDARY)
    days = [date(2017, 11, 6) + timedelta(days=121 * number) for number in range(27)]
    teams = [past_waves.team(school_id, Random(n), f"Team {n}", 34) for n in range(8)]
    for asked, of in (PULSE, groups), (TEAM, teams):
        for some, likely in (days[:-1], (0.9, 0.02)), (days[-1:], (0.1, 0.8)):
            await past_waves.live(
                house.dsn, school_id, asked, some, of, likely_in_all(likely), decision=LONG
            )


def likely_in_all(likely: tuple[float, float]) -> past_waves.Likely:
    return lambda member: likely


@pytest.mark.parametrize(
    ("address", "pages"),
    [("/wellbeing", 1), ("/wellbeing?cell=each", 5), ("/wellbeing?of=teamthermometer", 1)],
)
async def test_on_paper_each_cell_is_one_page(
    house: Running, wide_page: Page, address: str, pages: int
):
    await nine_years(house)
    await signed_in(wide_page, house, "wim")
    await wide_page.goto(house.url + address)
    edge = "10mm"
    margin: PdfMargins = {"top": edge, "bottom": edge, "left": edge, "right": edge}
    paper = await wide_page.pdf(format="A4", margin=margin)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == pages
    await wide_page.emulate_media(media="print")
    await expect(wide_page.get_by_text("Dit is niet de wettelijke monitor").first).to_be_visible(
        visible="team" not in address
    )
    await expect(wide_page.locator(".drawing").first).to_be_visible()
    await expect(wide_page.locator(".sides .interval").first).to_be_visible()


async def test_the_charts_draw_and_nothing_is_wider_than_a_phone(house: Running, page: Page):
    await nine_years(house)
    await signed_in(page, house, "wim")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(f"{house.url}/wellbeing")
    await page.locator("figure").first.scroll_into_view_if_needed()
    await expect(page.locator(".plot .points path").first).to_be_attached()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    assert complaints == []


async def test_without_a_script_the_drawing_and_the_table_are_the_chart(
    house: Running, chromium: Browser
):
    await nine_years(house)
    page = await chromium.new_page(java_script_enabled=False)
    await signed_in(page, house, "wim")
    await page.goto(f"{house.url}/wellbeing?cell=secondary-2")
    await expect(page.locator(".drawing").first).to_be_visible()
    await page.locator("figure summary").first.click()
    await expect(page.locator("table.course").first.get_by_role("row")).to_have_count(28)
    await page.close()


async def test_the_page_before_the_first_wave_is_for_everybody(house: Running, page: Page):
    await signed_in(page, house, "wim")
    await page.goto(f"{house.url}/wellbeing")
    assert (await Axe().run(page)).response["violations"] == []
    assert await page.locator(".button.main").count() == 1
