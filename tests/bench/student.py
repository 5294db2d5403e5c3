"""The student's minute on a slow phone: 400 kbit/s, 400 ms to the school and back.

Chromium, throttled, opens a survey of nine items, answers all that can be tapped and sends. The
table says how many requests that took, the bytes of all replies with their heads, and the seconds
until the first words were on the screen and from pressing Send until the page said "sent". The
student is in no hurry in between: that time is not counted.
"""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import asyncpg
from msgspec import Struct, structs
from playwright.async_api import CDPSession, async_playwright

from service import embedded
from service.storage.migrate import migrate
from tests.conftest import CHROMIUM_FLAGS, find_chromium
from tests.house import served, settle

BYTES_PER_SECOND = 400_000 / 8
LATENCY_MS = 400


class Visit(Struct):
    requests: int = 0
    bytes: int = 0
    first_paint_s: float = 0
    acknowledged_s: float = 0


def main() -> None:
    with_script, without = asyncio.run(measured())
    print(f"{'':<20}{'requests':>10}{'bytes':>10}{'first paint':>14}{'acknowledged':>15}")
    for name, visit in (("with JavaScript", with_script), ("without", without)):
        print(
            f"{name:<20}{visit.requests:>10}{visit.bytes:>10}"
            f"{visit.first_paint_s:>12.2f} s{visit.acknowledged_s:>13.2f} s"
        )
    print(
        json.dumps({**structs.asdict(with_script), "without_javascript": structs.asdict(without)})
    )


async def measured() -> tuple[Visit, Visit]:
    with tempfile.TemporaryDirectory(prefix="stemlokaal-bench-") as folder:
        place = Path(folder)
        place.chmod(0o711)
        async with embedded.running(place) as dsn:
            connection = await asyncpg.connect(dsn)
            await migrate(connection)
            await connection.close()
            async with served(dsn, place) as house:
                await settle(house)
                teacher = await house.staff("ilse")
                opened = await house.open_round(teacher, await house.survey("2B"))
                address = f"{house.url}/{await house.code(teacher, opened)}"
                return await visit(address, script=True), await visit(address, script=False)


async def visit(address: str, *, script: bool) -> Visit:
    seen = Visit()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_FLAGS
        )
        context = await browser.new_context(
            viewport={"width": 360, "height": 740}, locale="nl", java_script_enabled=script
        )
        page = await context.new_page()
        wire = await context.new_cdp_session(page)
        await watch(wire, seen)
        await page.goto(address)
        if script:
            await page.click("#start")
            for _ in range(7):
                await page.locator(".step:visible .option").first.click()
                await page.wait_for_timeout(700)
            await page.click("#next")
            await page.click("#next")
        else:
            for box in await page.locator("[type=radio][value='1']").all():
                await box.check()
        clock = asyncio.get_running_loop().time
        pressed = clock()
        await page.click("#send", no_wait_after=True)
        await page.get_by_text("Verstuurd. Dank je wel.").wait_for()
        seen.acknowledged_s = round(clock() - pressed, 2)
        await page.wait_for_load_state("networkidle")
        await browser.close()
    return seen


async def watch(wire: CDPSession, seen: Visit) -> None:
    """Slows the network down, and counts what passes over it."""
    began: list[float] = []

    def asked(event: dict[str, Any]) -> None:
        began.append(event["timestamp"])
        seen.requests += 1

    def arrived(event: dict[str, Any]) -> None:
        seen.bytes += int(event["encodedDataLength"])

    def happened(event: dict[str, Any]) -> None:
        if event["name"] == "firstContentfulPaint" and began and not seen.first_paint_s:
            seen.first_paint_s = round(event["timestamp"] - began[0], 2)

    wire.on("Network.requestWillBeSent", asked)
    wire.on("Network.loadingFinished", arrived)
    wire.on("Page.lifecycleEvent", happened)
    await wire.send("Network.enable")
    await wire.send("Page.enable")
    await wire.send("Page.setLifecycleEventsEnabled", {"enabled": True})
    await wire.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_PER_SECOND,
            "uploadThroughput": BYTES_PER_SECOND,
        },
    )
