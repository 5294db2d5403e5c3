"""The whole circle in a browser: asked, told, talked about, agreed, asked again, clearly more."""

import re

import httpx
import pytest
from playwright.async_api import Browser, Page

from tests.browser.test_whole_way import signed_in
from tests.house import Running
from tests.pages.test_answering import GOOD

pytestmark = pytest.mark.browser

AGREED = "Eerst overleggen in tweetallen"


async def class_answers(house: Running, code: str, clear: int, of: int) -> None:
    for number in range(of):
        form = {**GOOD, "clarity": "4" if number < clear else "1", "agreement": "3"}
        assert (await house.answer(code, form)).status_code == 200


async def asked_by_tapping(house: Running, page: Page, clear: int) -> None:
    """Two taps to the QR: to my classes, and ask again. Then 24 of 28 answer, and it closes."""
    await signed_in(page, house)
    await page.click("form[action$='/ask'] button")
    await page.wait_for_url("**/rounds/*")
    link = await page.input_value("#link")
    await class_answers(house, link.rsplit("/", 1)[1], clear, 24)
    await page.click("a[href$='/closure']")
    await page.click("form[action$='/closure'] button")
    await page.wait_for_url("**/thanks")
    await house.service.keeper.work()


async def test_from_asking_to_clearly_more(
    house: Running, wide_page: Page, chromium: Browser
) -> None:
    page = wide_page
    await page.set_extra_http_headers({"Accept-Language": "nl"})
    await house.add_class("4A", 28)
    survey = await house.survey("4A")
    await house.service.keeper.fill_stock()
    for clear in (10, 11, 10):
        await asked_by_tapping(house, page, clear)
        house.clock.go(days=7)
    await signed_in(page, house)
    await page.goto(f"{house.url}/surveys/{survey.survey_id}")
    await page.click("a[href$='/discussion']")
    assert "De uitleg was duidelijk." in await page.inner_text("dl")
    await page.fill("[name=agreement]", AGREED)
    await page.press("[name=agreement]", "Enter")
    await page.wait_for_url("**agreed=yes")
    assert AGREED in await page.inner_text("h1")
    house.clock.go(days=1)  # a round of the same day would count as before it
    for clear in (21, 22):
        await asked_by_tapping(house, page, clear)
        house.clock.go(days=7)
    await signed_in(page, house)
    await page.goto(f"{house.url}/surveys/{survey.survey_id}")
    told = await page.inner_text("main")
    assert "Duidelijk meer dan voor de afspraak." in told
    assert re.search(r"2[24].* merken het", told)
    await page.wait_for_selector(".js-plotly-plot")
    assert "Eerst overleggen" in await page.inner_text(".js-plotly-plot")
    await page.goto(f"{house.url}/classes")
    await page.click("form[action$='/ask'] button")
    await page.wait_for_url("**/rounds/*")
    link = await page.input_value("#link")
    phone = await chromium.new_page(viewport={"width": 360, "height": 740}, locale="nl-NL")
    await phone.goto(link)
    assert AGREED in await phone.inner_text("body")
    await phone.close()
    async with httpx.AsyncClient() as student:
        assert AGREED in (await student.get(link, headers={"Accept-Language": "nl"})).text
