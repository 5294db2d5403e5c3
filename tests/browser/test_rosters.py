"""Classes and teachers from files, in a real browser: chosen, looked at, taken over."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from service.archives import packed
from tests import rosters
from tests.browser.test_staff_pages import SHOWN_AS, barriers, signed_in
from tests.house import Running
from tests.rosters import a_school, files

pytestmark = pytest.mark.browser


@pytest.fixture
def school(place: Path) -> Path:
    return saved(place / "school.zip", packed(files(a_school(classes=12, teachers=4))))


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


async def choose(page: Page, house: Running, path: Path) -> None:
    await page.goto(f"{house.url}/school/roster")
    await page.set_input_files("#files", path)
    await page.click("button.main")


@pytest.mark.parametrize(("width", "height", "language", "colours"), SHOWN_AS)
async def test_every_step_is_for_everybody(
    house: Running,
    chromium: Browser,
    place: Path,
    school: Path,
    width: int,
    height: int,
    language: str,
    colours: str,
):
    faulty, _ = rosters.with_faults(rosters.a_large_school())
    complaints: list[str] = []

    async def look(page: Page) -> None:
        await page.evaluate(
            "for (const one of document.querySelectorAll('details')) one.open = true"
        )
        assert not await barriers(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width

    async with await chromium.new_context(
        viewport={"width": width, "height": height},
        locale=language,
        color_scheme="dark" if colours == "dark" else "light",
    ) as context:
        context.on("weberror", lambda told: complaints.append(str(told.error)))
        page = await context.new_page()
        await signed_in(page, house, "ada", language)
        await choose(page, house, saved(place / "faulty.zip", packed(faulty)))
        await page.wait_for_selector(".faults")
        await look(page)
        await choose(page, house, school)
        await page.wait_for_selector(".counts")
        await look(page)
        await page.click("button.main")
        await page.wait_for_selector("#links")
        await look(page)
    assert complaints == []


async def test_without_a_script_it_works_as_well(house: Running, chromium: Browser, school: Path):
    page = await chromium.new_page(java_script_enabled=False)
    await signed_in(page, house, "ada")
    await choose(page, house, school)
    assert await page.locator(".counts b").all_inner_texts() == ["12", "0", "0", "4", "36"]
    await page.click("button.main")
    assert (await page.input_value("#links")).count("/invitations/") == 4
    await page.close()


async def test_a_bar_tells_that_the_files_are_being_read_and_they_are_sent_once(
    house: Running, page: Page, school: Path
):
    await signed_in(page, house, "ada")
    await page.goto(f"{house.url}/school/roster")
    await page.set_input_files("#files", school)
    await page.evaluate("document.forms.roster.addEventListener('submit', e => e.preventDefault())")
    assert not await page.is_visible("progress")
    await page.click("#roster button.main")
    assert await page.is_visible("progress")
    assert await page.is_disabled("#roster button.main")


async def test_too_much_is_told_and_not_cut_off(house: Running, page: Page, place: Path):
    await signed_in(page, house, "ada")
    await choose(page, house, saved(place / "users.csv", b"0" * 20_000_000))
    assert "te veel" in await page.inner_text(".problem")
