"""Signing in by a school's provider, and going on after the lock, in a real browser."""

import re

import pytest
from playwright.async_api import Browser, Page

from tests.browser.test_signing_in import fits
from tests.browser.test_staff_pages import SHOWN_AS, signed_in
from tests.house import PASSWORD, Running
from tests.pages.test_lock_by_provider import away
from tests.providers import Certified, switched_on

pytestmark = pytest.mark.browser

MAPPING = {"role_claim": "eduperson_affiliation", "role_value": "employee"}
LATER = 31  # seconds: the phone shows another code


async def there_and_back(page: Page, house: Running, name: str) -> None:
    """On the provider's own pages, as somebody whom it knows."""
    while not page.url.startswith(house.url):
        if await page.locator("[name=login]").count():
            await page.fill("[name=login]", name)
            await page.fill("[name=password]", "whatever")
        async with page.expect_navigation():
            await page.click("button[type=submit]")


async def window(chromium: Browser, width: int, height: int, colours: str) -> Page:
    context = await chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if colours == "dark" else "light",
    )
    return await context.new_page()


@pytest.mark.parametrize(("width", "height", "language", "colours"), SHOWN_AS)
async def test_every_page_on_the_way_is_for_everybody(
    school: Running,
    provider: Certified,
    chromium: Browser,
    width: int,
    height: int,
    language: str,
    colours: str,
) -> None:
    way = await switched_on(school, provider, await school.staff("ada"))
    page = await window(chromium, width, height, colours)
    context = page.context
    await page.goto(f"{school.url}/signin?language={language}")
    await fits(page)
    for name, why in ("piet", "nobody"), ("unverified-piet", "unverified"):
        await page.goto(f"{school.url}{way}")
        await there_and_back(page, school, name)
        assert await page.locator("h1").is_visible(), why
        await fits(page)
        await context.clear_cookies(name=re.compile("^_"))
    await page.goto(f"{school.url}/signin/over")
    await fits(page)
    await page.goto(f"{school.url}{way}")
    await there_and_back(page, school, "wim")
    await fits(page)
    await page.fill("#password", PASSWORD)
    await page.fill("#code", "000 000")
    await page.press("#code", "Enter")
    await page.wait_for_selector(".problem")
    await fits(page)
    school.clock.go(seconds=LATER)
    await page.fill("#password", PASSWORD)
    await page.fill("#code", school.code_now())
    await page.press("#code", "Enter")
    await page.wait_for_url("**/classes")
    await context.clear_cookies(name="stemlokaal")
    await page.goto(f"{school.url}{way}")
    await there_and_back(page, school, "wim")
    await page.wait_for_url(re.compile("/signin/code"))
    await fits(page)
    school.clock.go(seconds=LATER)
    await page.fill("[name=code]", school.code_now())
    await page.press("[name=code]", "Enter")
    await page.wait_for_url("**/classes")
    await away(school)
    await page.goto(f"{school.url}/school")
    await fits(page)
    await page.click("main button.main")
    await page.wait_for_url(re.compile(re.escape(provider.issuer)))
    await there_and_back(page, school, "piet")
    await page.wait_for_selector(".problem")
    await fits(page)
    await page.click("main button.main")
    await page.wait_for_url(re.compile(re.escape(provider.issuer)))
    await there_and_back(page, school, "wim")
    await page.wait_for_url("**/school")
    await context.close()


@pytest.mark.parametrize(("width", "height", "language", "colours"), SHOWN_AS)
async def test_the_settings_are_for_everybody(
    school: Running,
    provider: Certified,
    chromium: Browser,
    width: int,
    height: int,
    language: str,
    colours: str,
) -> None:
    way = await switched_on(school, provider, await school.staff("ada"), **MAPPING)
    address = f"{school.url}{way.replace('/signin/with', '/school/signin')}"
    page = await window(chromium, width, height, colours)
    context = page.context
    await signed_in(page, school, "ada", language)
    for each in "", "/new/surfconext", "/new/other":
        await page.goto(f"{school.url}/school/signin{each}")
        await fits(page)
    await page.goto(address)
    await fits(page)
    for name in "ada", "unverified-ada":
        await page.goto(f"{address}/trial")
        await there_and_back(page, school, name)
        await page.wait_for_selector(".trial")
        await fits(page)
        await context.clear_cookies(name=re.compile("^_"))
    await context.close()


@pytest.mark.parametrize("scripts", [True, False])
async def test_what_was_filled_in_goes_on_after_the_provider(
    school: Running, provider: Certified, chromium: Browser, scripts: bool
) -> None:
    """By itself where scripts run, and by one press where they do not."""
    way = await switched_on(school, provider, await school.staff("ada"), second_factor="yes")
    context = await chromium.new_context(java_script_enabled=scripts)
    page = await context.new_page()
    await page.goto(f"{school.url}{way}")
    await there_and_back(page, school, "ada")
    await page.goto(f"{school.url}/school/settings")
    await page.fill("[name=school]", "Het Nieuwe Kompas")
    await away(school)
    await page.press("[name=school]", "Enter")
    await page.click("main button.main")
    await page.wait_for_url(re.compile(re.escape(provider.issuer)))
    await there_and_back(page, school, "ada")
    if not scripts:
        await page.click("button.main")
    await page.wait_for_url(re.compile("saved=yes"))
    assert await page.input_value("[name=school]") == "Het Nieuwe Kompas"
    await context.close()
