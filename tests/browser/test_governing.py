"""The page of a governing board, and those on which a school says yes, in a real browser."""

import pytest
from playwright.async_api import Browser, Page

from tests.browser.test_staff_pages import SHOWN_AS, barriers, signed_in
from tests.governors import BOARD, a_school, id_of, invited, says_yes, seated
from tests.house import PASSWORD, Running

pytestmark = pytest.mark.browser


async def with_schools(house: Running) -> dict[str, list[str]]:
    """Addresses by who opens them; every part of the pages has something to show."""
    await seated(house)
    for number, name in enumerate(("Anker", "Brug", "Cirkel", "Delta", "Eik")):
        await a_school(house, name, 0.8, 0.82, 0.5 + number / 10)
    await a_school(house, "Fort")
    await says_yes(house, await house.staff("wim"))
    return {
        "bea": ["/schools"],
        "wim": ["/school/outside", f"/school/outside/{await id_of(house)}"],
        "": [await invited(house, "ben")],
    }


async def come_in(page: Page, house: Running, name: str, language: str) -> None:
    if name == "wim":
        await signed_in(page, house, name, language)
    elif name:
        await house.set_up_second_factor(f"{name}@example.org")
        await page.goto(f"{house.url}/signin?language={language}")
        await page.fill("[name=email]", f"{name}@example.org")
        await page.fill("[name=password]", PASSWORD)
        await page.press("[name=password]", "Enter")
        await page.fill("[name=code]", house.code_now())
        await page.press("[name=code]", "Enter")
        await page.wait_for_url("**/schools")


@pytest.mark.parametrize(("width", "height", "language", "colours"), SHOWN_AS)
async def test_these_pages_are_for_everybody(
    house: Running, chromium: Browser, width: int, height: int, language: str, colours: str
) -> None:
    complaints: list[str] = []
    for name, addresses in (await with_schools(house)).items():
        async with await chromium.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            color_scheme="dark" if colours == "dark" else "light",
        ) as context:
            context.on("console", lambda told: complaints.append(told.text))
            page = await context.new_page()
            await come_in(page, house, name, language)
            for address in addresses:
                await page.goto(house.url + address)
                await page.evaluate(
                    "for (const one of document.querySelectorAll('details')) one.open = true"
                )
                assert await page.get_attribute("html", "lang") == language
                assert not await barriers(page), address
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert complaints == []


async def test_a_school_says_yes_and_takes_it_back_without_a_script(
    house: Running, chromium: Browser
) -> None:
    await seated(house)
    page = await chromium.new_page(java_script_enabled=False)
    await signed_in(page, house, "wim")
    await page.goto(f"{house.url}/school/outside/{await id_of(house)}")
    await page.click("button.main")
    await page.wait_for_url("**/school/outside")
    await page.click(f"text={BOARD} >> xpath=ancestor::li >> css=a.button")
    await page.click("text=Stoppen:")
    await page.wait_for_url("**/school/outside")
    assert await page.is_visible("text=Niemand ziet jullie school.")
    await page.close()
