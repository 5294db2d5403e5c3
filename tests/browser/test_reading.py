"""Help and privacy in a real browser: to be read on any screen, by anybody."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from tests.house import Running
from tests.test_help import ADDRESSES

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("width", "language", "colours"), [(360, "nl", "light"), (1280, "en", "dark")]
)
async def test_every_page_of_help_is_for_everybody(
    house: Running, chromium: Browser, width: int, language: str, colours: str
) -> None:
    async with await chromium.new_context(
        viewport={"width": width, "height": 740},
        locale=language,
        color_scheme="dark" if colours == "dark" else "light",
    ) as context:
        page = await context.new_page()
        for address in ADDRESSES.values():
            await page.goto(house.url + address)
            found = await Axe().run(page)
            assert [each["id"] for each in found.response["violations"]] == [], address
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, address
