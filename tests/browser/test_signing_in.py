"""Signing in with a phone, and being asked once more, in a real browser."""

import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, Page

from tests.browser.test_staff_pages import SHOWN_AS, barriers, signed_in
from tests.governors import seated
from tests.house import PASSWORD, Running
from tests.phones import shows

pytestmark = pytest.mark.browser


async def fits(page: Page) -> None:
    """No barrier that axe knows of, and nothing to scroll sideways."""
    assert not await barriers(page), page.url
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert page.viewport_size
    assert width <= page.viewport_size["width"], page.url


@pytest.mark.parametrize(("width", "height", "language", "colours"), SHOWN_AS)
async def test_a_phone_is_set_up_by_its_camera_and_asked_for(
    house: Running, chromium: Browser, width: int, height: int, language: str, colours: str
) -> None:
    context = await chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if colours == "dark" else "light",
    )
    page = await context.new_page()
    await signed_in(page, house, "ilse", language)
    await page.goto(f"{house.url}/account")
    await fits(page)
    await page.goto(f"{house.url}/account/second-factor")
    await fits(page)
    (scanned,) = zxingcpp.read_barcodes(
        Image.open(io.BytesIO(await page.screenshot(full_page=True)))
    )
    secret = re.search("secret=([A-Z2-7]{32})", scanned.text)
    assert secret
    assert secret[1] == (await page.inner_text(".key")).replace(" ", "").replace("\n", "")
    await page.fill("[name=code]", shows(secret[1], house.clock()))
    await page.press("[name=code]", "Enter")
    await page.wait_for_selector(".recovery-codes")
    await fits(page)
    await page.goto(f"{house.url}/account/second-factor")
    await fits(page)
    await context.clear_cookies(name="stemlokaal")
    house.clock.go(seconds=31)
    await page.goto(f"{house.url}/signin")
    await page.fill("[name=email]", "ilse@example.org")
    await page.fill("[name=password]", PASSWORD)
    await page.press("[name=password]", "Enter")
    await page.wait_for_selector("[name=code]:focus")
    await page.click("summary")
    await fits(page)
    await page.fill("[name=code]", shows(secret[1], house.clock()))
    await page.press("[name=code]", "Enter")
    await page.wait_for_url("**/classes")
    await context.close()


@pytest.mark.parametrize("scripts", [True, False])
async def test_what_was_filled_in_goes_on_after_the_password(
    house: Running, chromium: Browser, scripts: bool
) -> None:
    """By itself where scripts run, and by one press where they do not."""
    context = await chromium.new_context(java_script_enabled=scripts)
    page = await context.new_page()
    ada = await house.staff("ada", dawdles=True)
    (cookie,) = (one for one in ada.cookies.jar if one.name == "stemlokaal")
    await context.add_cookies(
        [{"name": cookie.name, "value": cookie.value or "", "url": house.url}]
    )
    await page.goto(f"{house.url}/school/settings")
    await page.fill("[name=school]", "Het Nieuwe Kompas")
    house.clock.go(minutes=31)
    await page.press("[name=school]", "Enter")
    await page.fill("[name=password]", PASSWORD)
    await page.press("[name=password]", "Enter")
    if not scripts:
        await page.click("button.main")
    await page.wait_for_url(re.compile("saved=yes"))
    assert await page.input_value("[name=school]") == "Het Nieuwe Kompas"
    await context.close()


@pytest.mark.parametrize(("width", "height", "language", "colours"), SHOWN_AS)
async def test_the_pages_beside_it_are_for_everybody(
    house: Running, chromium: Browser, width: int, height: int, language: str, colours: str
) -> None:
    context = await chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if colours == "dark" else "light",
    )
    page = await context.new_page()
    bea = await seated(house)
    (cookie,) = (one for one in bea.cookies.jar if one.name == "stemlokaal")
    await page.goto(f"{house.url}/forgotten?language={language}")
    await fits(page)
    await context.add_cookies(
        [{"name": cookie.name, "value": cookie.value or "", "url": house.url}]
    )
    for address in "/account", "/account/password", "/account/second-factor":
        await page.goto(f"{house.url}{address}")
        await fits(page)
    house.clock.go(minutes=31)
    await page.goto(f"{house.url}/schools")
    assert "/lock?" in page.url
    await fits(page)
    await context.close()
