"""The main job in a real browser: from the projector's QR to a new point on the chart."""

import io

import httpx
import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.house import PASSWORD, Running
from tests.pages.test_answering import GOOD

pytestmark = pytest.mark.browser

POINTS = "chart => chart.querySelectorAll('.scatterlayer .point').length"


async def decoded(page: Page) -> str:
    """What a phone reads from a photograph of the screen."""
    picture = Image.open(io.BytesIO(await page.screenshot()))
    found = zxingcpp.read_barcodes(picture)
    assert len(found) == 1
    return found[0].text


async def signed_in(page: Page, house: Running) -> None:
    await page.goto(f"{house.url}/signin")
    if page.url.endswith("/classes"):  # still signed in
        return
    await page.fill("[name=email]", "ilse@example.org")
    await page.fill("[name=password]", PASSWORD)
    await page.press("[name=password]", "Enter")
    await page.wait_for_url("**/classes")


async def answer_by_hand(page: Page) -> None:
    """Without scripts the page is one form: tick the boxes and send."""
    for item, value in GOOD.items():
        await page.check(f"input[name={item}][value='{value}']", force=True)
    await page.click("button[name=send]")


async def asked_before(house: Running) -> None:
    """A week ago: one point makes no line."""
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"))
    code = await house.code(teacher, round_id)
    for _ in range(10):
        await house.answer(code, GOOD)
    await house.close(teacher, round_id)
    house.clock.go(days=8)


async def test_from_the_projector_to_the_chart(
    house: Running, page: Page, wide_page: Page, chromium: Browser
) -> None:
    await asked_before(house)
    await house.service.keeper.fill_stock()
    await signed_in(wide_page, house)
    await wide_page.click("form[action$='/ask'] button")
    await wide_page.wait_for_url("**/rounds/*")
    round_address = wide_page.url
    screen = await wide_page.get_attribute("a[href*='/screen/']", "href")
    assert screen is not None
    projector = await chromium.new_page(viewport={"width": 1280, "height": 800})
    await projector.goto(screen)
    link = await decoded(projector)
    assert link.startswith(f"{house.url}/")
    await projector.click("[data-copy]")
    await expect(projector.locator("[data-copy]")).to_have_text("Copied")
    assert await projector.input_value("#link") == link

    code = link.rsplit("/", 1)[1]
    for _ in range(9):
        assert (await house.answer(code, GOOD)).status_code == 200
    without_scripts = await chromium.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="nl-NL"
    )
    phone = await without_scripts.new_page()
    await phone.goto(link)
    await answer_by_hand(phone)
    assert "Dank je wel" in await phone.inner_text("main")
    await expect(projector.locator(".dots .full")).to_have_count(4)
    await expect(wide_page.locator("[data-n]")).to_have_text("10")

    await wide_page.click("a[href$='/closure']")
    await wide_page.click("form[action$='/closure'] button")
    await wide_page.wait_for_url(f"{round_address}/thanks")
    assert "van de" not in await wide_page.inner_text("main")
    await projector.wait_for_selector("[data-when-closed]:not([hidden])")
    await house.service.keeper.work()
    await wide_page.click("a[href*='/surveys/']")
    assert "10" in await wide_page.inner_text("main")
    await wide_page.wait_for_selector(".js-plotly-plot")
    assert await wide_page.eval_on_selector(".js-plotly-plot", POINTS) == 2
    await without_scripts.close()
    await projector.close()


async def test_the_answer_page_is_one_small_response(house: Running) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    zipped = {"Accept-Encoding": "gzip"}
    async with (
        httpx.AsyncClient(base_url=house.url) as phone,
        phone.stream("GET", f"/{code}", headers=zipped) as page,
    ):
        size = len(b"".join([part async for part in page.aiter_raw()]))
        head = sum(len(name) + len(value) + 4 for name, value in page.headers.raw)
    assert size + head <= 14 * 1024


async def test_the_answer_page_asks_for_nothing_else(house: Running, page: Page) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{house.url}/{code}", wait_until="networkidle")
    assert asked == [f"{house.url}/{code}"]
