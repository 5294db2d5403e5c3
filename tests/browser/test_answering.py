"""A student answers in a real browser: with every kind of hand, eye, ear and connection."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from random import Random
from typing import Any

import asyncpg
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, Request, Route, ViewportSize

from tests.house import Running
from tests.pages.test_talks import appoint

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 740}
MOST_BYTES = 14 * 1024  # what a server may send before the phone has answered once
QUICK = "globalThis.retryPauses = [20, 40, 80]"
A_FINGER = 44  # pixels

Phone = Callable[..., Coroutine[Any, Any, Page]]


@pytest.fixture
async def phone(chromium: Browser) -> AsyncIterator[Phone]:
    """Phones of students: each a browser of its own, in a language of its own."""
    contexts: list[BrowserContext] = []

    async def take(language: str = "nl", **how: Any) -> Page:
        context = await chromium.new_context(viewport=PHONE, locale=language, **how)
        await context.add_init_script(QUICK)
        contexts.append(context)
        return await context.new_page()

    yield take
    for context in contexts:
        await context.close()


async def opened(house: Running, instrument: str = "lesfeedback", class_: str = "2B") -> str:
    """The code of a round that has just been opened."""
    teacher = await house.staff("ilse")
    return await house.code(teacher, await round_of(house, instrument, class_))


async def round_of(house: Running, instrument: str = "lesfeedback", class_: str = "2B") -> str:
    teacher = await house.staff("ilse")
    return await house.open_round(teacher, await house.survey(class_, instrument))


async def counted(house: Running) -> int:
    connection = await asyncpg.connect(house.dsn)
    try:
        return int(await connection.fetchval("select count(*) from envelope"))
    finally:
        await connection.close()


async def answer_first_and_send(page: Page) -> None:
    """The shortest way through: one box, then on to the review."""
    await page.click("#start")
    await page.locator(".step:visible label").first.click()
    while not await page.locator("#send").is_visible():
        await page.locator("#next:visible, #send:visible").first.wait_for()
        if await page.locator("#next").is_visible():
            await page.locator("#next").click()
    await page.click("#send")


async def kept(page: Page) -> int:
    """How many things the page has left in the browser."""
    return int(await page.evaluate("localStorage.length + sessionStorage.length"))


async def test_what_is_sent_is_as_long_whatever_it_says(house: Running, phone: Phone) -> None:
    """A school sees the lengths of what passes its network, and texts of that length afterwards."""
    code = await opened(house)
    lengths = set()
    for words in "", "Kort", "\N{PILE OF POO}\u20ac\n" * 70:
        page = await phone()
        await page.goto(f"{house.url}/{code}")
        await page.locator("textarea").first.evaluate("(box, words) => (box.value = words)", words)
        async with page.expect_request(lambda request: request.method == "POST") as sent:
            await answer_first_and_send(page)
        lengths.add(len((await sent.value).post_data or ""))
        await page.locator("#counted").wait_for()
    assert len(lengths) == 1
    assert await counted(house) == 3


async def test_the_page_is_one_small_response(house: Running, phone: Phone) -> None:
    page = await phone()
    requests: list[Request] = []
    page.on("request", lambda request: requests.extend([request]))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(f"{house.url}/{await opened(house)}")
    sizes = await requests[0].sizes()
    assert len(requests) == 1
    assert sizes["responseBodySize"] + sizes["responseHeadersSize"] <= MOST_BYTES
    assert complaints == []


async def test_a_student_taps_through_and_is_thanked(house: Running, phone: Phone) -> None:
    page = await phone()
    await page.goto(f"{house.url}/{await opened(house)}")
    assert await page.inner_text("#state") == "Nog niet verstuurd"
    await page.click("#start")
    for number in range(1, 8):
        await page.locator("h2:visible", has_text=f"Vraag {number} van 9").wait_for()
        await page.locator(".step:visible").get_by_text("Eens", exact=True).click()
    await page.locator("textarea:visible").fill("De proefjes")
    await page.click("#next")
    await page.click("#next")
    lines = await page.locator("#choices li").all_inner_texts()
    assert len(lines) == 9
    assert lines[0].split("\n") == ["Ik voelde me op mijn gemak.", "Eens"]
    assert lines[-1].split("\n")[-1] == "overgeslagen"
    assert await counted(house) == 0
    await page.click("#send")
    await page.get_by_text("Verstuurd. Dank je wel.").wait_for()
    assert await page.inner_text("#state") == "Verstuurd"
    assert await counted(house) == 1
    assert await kept(page) == 0


async def test_a_choice_can_be_changed_from_the_review(house: Running, phone: Phone) -> None:
    page = await phone()
    await page.goto(f"{house.url}/{await opened(house, 'les-flits', 'Groep 6')}")
    await page.click("#start")
    for _ in range(4):
        await page.click("#next")
    await page.locator("#choices button").nth(1).click()
    await page.locator(".step:visible").get_by_text("Een beetje").click()
    await page.locator("#choices:visible").wait_for()
    assert "Een beetje" in await page.locator("#choices li").nth(1).inner_text()
    await page.locator("#choices button").nth(1).click()
    await page.locator(".step:visible").get_by_text("Geen antwoord").click()
    await page.locator("#choices:visible").wait_for()
    assert "overgeslagen" in await page.locator("#choices li").nth(1).inner_text()


async def test_nothing_chosen_is_not_sent(house: Running, phone: Phone) -> None:
    page = await phone()
    await page.goto(f"{house.url}/{await opened(house, 'les-flits', 'Groep 6')}")
    await page.click("#start")
    for _ in range(4):
        await page.click("#next")
    await page.click("#send")
    await page.get_by_text("Je hebt nog niets gekozen.").wait_for()
    assert await counted(house) == 0


async def test_the_whole_way_without_javascript(house: Running, phone: Phone) -> None:
    page = await phone(java_script_enabled=False)
    await page.goto(f"{house.url}/{await opened(house)}")
    await page.locator("[name=climate][value='3']").check()
    await page.locator("[name=tip]").fill("Meer tijd")
    await page.get_by_role("button", name="English").click()
    assert await page.locator("html").get_attribute("lang") == "en"
    assert await page.locator("[name=climate][value='3']").is_checked()
    assert await page.locator("[name=tip]").input_value() == "Meer tijd"
    assert await counted(house) == 0
    await page.get_by_role("button", name="Send").click()
    await page.get_by_text("Sent. Thank you.").wait_for()
    assert await counted(house) == 1


async def test_without_javascript_an_empty_form_comes_back(house: Running, phone: Phone) -> None:
    page = await phone(java_script_enabled=False)
    await page.goto(f"{house.url}/{await opened(house)}")
    await page.get_by_role("button", name="Versturen").click()
    assert "Je hebt nog niets gekozen" in await page.locator("[role=alert]:visible").inner_text()


async def test_enter_in_a_box_sends_nothing_without_javascript(
    house: Running, phone: Phone
) -> None:
    page = await phone(java_script_enabled=False)
    await page.goto(f"{house.url}/{await opened(house)}")
    await page.locator("[name=climate][value='3']").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await page.wait_for_timeout(200)
    assert await page.locator("[name=climate][value='3']").is_checked()
    assert await counted(house) == 0


async def test_the_whole_way_by_keyboard(house: Running, phone: Phone) -> None:
    page = await phone()
    await page.goto(f"{house.url}/{await opened(house, 'schoolpuls')}")
    await tab_to(page, "#start")
    await page.keyboard.press("Enter")
    for number in range(1, 5):
        heading = page.locator("h2:focus")
        assert f"Vraag {number} van 4" in await heading.inner_text()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await page.keyboard.press("ArrowDown")
        await page.wait_for_timeout(700)  # keys choose; they do not lead on by themselves
        assert f"Vraag {number} van 4" in await page.locator("h2:visible").first.inner_text()
        await page.keyboard.press("Enter")
    assert await page.locator("h2:focus").inner_text() == "Dit koos je"
    assert "1" in await page.locator("#choices li").first.inner_text()
    await tab_to(page, "#send")
    await page.keyboard.press("Enter")
    await page.locator("#counted h1:focus").wait_for()
    assert await counted(house) == 1


async def tab_to(page: Page, selector: str) -> None:
    for _ in range(30):
        if await page.locator(f"{selector}:focus").count():
            return
        await page.keyboard.press("Tab")
    pytest.fail(f"{selector} cannot be reached by Tab")


async def test_another_language_keeps_what_was_chosen(house: Running, phone: Phone) -> None:
    page = await phone()
    await page.goto(f"{house.url}/{await opened(house)}")
    await page.click("#start")
    await page.locator(".step:visible").get_by_text("Eens", exact=True).click()
    await page.locator("h2:visible", has_text="Vraag 2").wait_for()
    await page.click("#back")
    await page.click("#back")
    posted: list[Request] = []
    page.on("request", lambda made: posted.extend([made] if made.method == "POST" else []))
    await page.get_by_role("button", name="العربية").click()
    await page.locator("html[dir=rtl]").wait_for()
    assert posted == []
    assert await page.locator("[name=climate][value='3']").is_checked()
    assert await counted(house) == 0


async def test_a_reload_keeps_the_answers_and_a_new_visit_does_not(
    house: Running, phone: Phone
) -> None:
    page = await phone()
    address = f"{house.url}/{await opened(house)}"
    await page.goto(address)
    await page.click("#start")
    await page.locator(".step:visible").get_by_text("Eens", exact=True).click()
    await page.locator("h2:visible", has_text="Vraag 2").wait_for()
    await page.reload()
    await page.locator("h2:visible", has_text="Vraag 2").wait_for()
    assert await page.locator("[name=climate][value='3']").is_checked()
    await page.goto(address)  # as when the next student scans
    assert await page.locator("#start").is_visible()
    assert await page.locator(":checked").count() == 0


async def test_on_a_shared_tablet_nothing_is_left_for_the_next(
    house: Running, phone: Phone
) -> None:
    page = await phone()
    code = await opened(house, "les-flits", "Groep 6")
    await page.goto(f"{house.url}/{code}")
    await answer_first_and_send(page)
    await page.locator("#counted:visible").wait_for()
    for _ in range(3):
        await page.go_back()
        assert await page.locator(":checked").count() == 0
        assert await page.locator("form#answers").count() == 0
    await page.goto(f"{house.url}/{code}")
    await page.get_by_text("Er is al een antwoord verstuurd").wait_for()
    await page.locator("[name=next]").fill(code[-3:].lower())
    await page.get_by_role("button", name="De volgende").click()
    await page.locator("#start").wait_for()
    assert await page.locator(":checked").count() == 0
    await answer_first_and_send(page)
    await page.locator("#counted:visible").wait_for()
    assert await counted(house) == 2


async def test_an_answer_without_a_connection_is_sent_when_the_page_is_opened_again(
    house: Running, phone: Phone
) -> None:
    page = await phone()
    # A retry at the moment of closing would outlive the page, and the test's broken network.
    await page.add_init_script("globalThis.retryPauses = [1e6]")
    address = f"{house.url}/{await opened(house, 'les-flits', 'Groep 6')}"
    await page.goto(address)
    await page.context.route("**/*", only_get)
    await answer_first_and_send(page)
    await page.locator("#waiting:visible").wait_for()
    assert await page.inner_text("#state") == "Nog niet verstuurd"
    assert await page.locator("form#answers").count() == 0
    context = page.context
    await page.close()
    again = await context.new_page()
    await again.goto(address)
    await again.locator("#waiting:visible").wait_for()
    assert await again.locator(":checked").count() == 0
    await context.unroute("**/*", only_get)
    await again.locator("#counted:visible").wait_for()
    assert await counted(house) == 1
    assert await kept(again) == 0


async def only_get(route: Route) -> None:
    await (route.continue_() if route.request.method == "GET" else route.abort())


async def test_an_unsent_answer_is_thrown_away_after_a_day(house: Running, phone: Phone) -> None:
    page = await phone()
    address = f"{house.url}/{await opened(house, 'les-flits', 'Groep 6')}"
    await page.goto(address)
    await page.context.route("**/*", only_get)
    await answer_first_and_send(page)
    await page.locator("#waiting:visible").wait_for()
    await page.evaluate("""() => {
        const key = Object.keys(localStorage)[0];
        const letter = JSON.parse(localStorage[key]);
        letter.since -= 25 * 3600 * 1000;
        localStorage[key] = JSON.stringify(letter);
    }""")
    await page.get_by_text("Je antwoord is niet verstuurd.").wait_for()
    assert await kept(page) == 0
    assert await counted(house) == 0


async def test_an_unsent_answer_is_thrown_away_when_the_round_has_closed(
    house: Running, phone: Phone
) -> None:
    page = await phone()
    teacher = await house.staff("ilse")
    round_id = await round_of(house)
    await page.goto(f"{house.url}/{await house.code(teacher, round_id)}")
    await page.context.route("**/*", only_get)
    await answer_first_and_send(page)
    await page.locator("#waiting:visible").wait_for()
    await house.close(teacher, round_id)
    await page.context.unroute("**/*", only_get)
    await page.get_by_text("De vragen zijn gesloten.").wait_for()
    assert await kept(page) == 0


async def test_a_full_round_takes_the_answer_as_soon_as_there_is_a_place(
    house: Running, phone: Phone
) -> None:
    teacher = await house.staff("ilse")
    survey = await house.survey("Groep 6", "les-flits")
    round_id = await house.open_round(teacher, survey, members="1")
    code = await house.code(teacher, round_id)
    first, second, third = await phone(), await phone(), await phone(java_script_enabled=False)
    for page in (first, second, third):
        await page.goto(f"{house.url}/{code}")
    await answer_first_and_send(first)
    await first.locator("#counted:visible").wait_for()
    await answer_first_and_send(second)
    await second.get_by_text("Vraag om een extra plek.").wait_for()
    await third.locator("[name=climate]").first.check()
    await third.click("#send")
    assert "Deze groep is vol." in await third.locator("[role=alert]:visible").inner_text()
    assert await third.locator("[name=climate]").first.is_checked()
    assert await counted(house) == 1
    await teacher.post(f"/rounds/{round_id}/places", data={"more": "2"})
    await second.locator("#counted:visible").wait_for()
    await third.click("#send")
    await third.get_by_text("Verstuurd. Dank je wel.").wait_for()
    assert await counted(house) == 3


async def test_a_lost_acknowledgement_counts_once(house: Running, phone: Phone) -> None:
    page = await phone()
    await page.goto(f"{house.url}/{await opened(house)}")
    lost = 0

    async def lose_the_reply(route: Route) -> None:
        nonlocal lost
        if route.request.method == "POST" and lost < 3:
            lost += 1
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.context.route("**/*", lose_the_reply)
    await answer_first_and_send(page)
    await page.locator("#counted:visible").wait_for()
    assert lost == 3
    assert await counted(house) == 1


@pytest.mark.parametrize(
    ("submissions", "phones"), [(50, 20), pytest.param(1000, 20, marks=pytest.mark.long)]
)
async def test_on_a_flaky_network_each_answer_counts_once(
    house: Running, phone: Phone, submissions: int, phones: int
) -> None:
    """Half of the posts fail, some before they arrive, some after they were stored."""
    chance = Random(50)
    codes = []
    for number in range(0, submissions, 50):
        await house.add_class(f"3F{number}", members=50)
        codes.append(await opened(house, class_=f"3F{number}"))
    waiting = [code for code in codes for _ in range(50)]

    async def flaky(route: Route) -> None:
        fate = chance.random() if route.request.method == "POST" else 1
        if fate < 0.25:
            await route.abort()
        elif fate < 0.5:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    async def tablet() -> None:
        page = await phone()
        await page.context.route("**/*", flaky)
        while waiting:
            code = waiting.pop()
            await page.goto(f"{house.url}/{code}?next={code[-3:]}")
            await page.evaluate("""() => {
                document.querySelector("[name=climate][value='3']").checked = true;
                document.querySelector("#answers").requestSubmit(document.querySelector("#send"));
            }""")
            await page.locator("#counted:visible").wait_for()

    await asyncio.gather(*(tablet() for _ in range(phones)))
    assert await counted(house) == submissions


STOPS = {
    "lesfeedback": ("2B", ["first", "question", "own words", "review", "sent"]),
    "schoolpuls": ("2B", ["first", "question", "review", "sent"]),
    "les-flits": ("Groep 6", ["first", "question", "review"]),
    "hoe-zit-je-erbij": ("Groep 6", ["question"]),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["nl", "ar"])
async def test_nobody_is_shut_out(house: Running, phone: Phone, language: str, scheme: str) -> None:
    page = await phone(language, color_scheme=scheme, reduced_motion="reduce")
    for instrument, (class_, stops) in STOPS.items():
        await page.goto(f"{house.url}/{await opened(house, instrument, class_)}")
        for stop in stops:
            await go_to(page, stop)
            await check_with_axe(page, f"{instrument}: {stop}")
            await check_targets(page)


async def go_to(page: Page, stop: str) -> None:
    if stop == "question":
        await page.click("#start")
        await page.locator(".step:visible [type=radio]").first.focus()
        await page.keyboard.press("Space")
    elif stop == "own words":
        while not await page.locator("textarea:visible").count():
            await page.click("#next")
    elif stop == "review":
        if await page.locator("#start").is_visible():
            await page.click("#start")
        while not await page.locator("#send").is_visible():
            await page.click("#next")
    elif stop == "sent":
        await page.click("#send")
        await page.locator("#counted:visible").wait_for()
        await page.locator("#counted summary").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["nl", "ar"])
async def test_nobody_is_shut_out_on_the_way(
    house: Running, phone: Phone, language: str, scheme: str
) -> None:
    teacher = await house.staff("ilse")
    round_id = await round_of(house)
    code = await house.code(teacher, round_id)
    page = await phone(language, color_scheme=scheme, java_script_enabled=True)
    await appoint(house, "omar")
    cards = await house.open_round(teacher, await house.survey("Groep 6", "les-flits"), cards="yes")
    for_cards = f"/{await house.code(teacher, cards)}"
    talk = f"/talk/{house.cast.school}"
    for address in ("/", "/00000000", talk, for_cards):
        await page.goto(house.url + address)
        await check_with_axe(page, address)
        await check_targets(page)
    await page.goto(house.url + talk)
    await page.fill("[name=name]", "Robin")
    await page.press("[name=name]", "Enter")
    await page.locator(".helplines").wait_for()
    await check_with_axe(page, "asked for a talk")
    plain = await phone(language, color_scheme=scheme, java_script_enabled=False)
    await plain.goto(f"{house.url}/{code}")
    await plain.click("#send")
    await inspect_elsewhere(plain, page, "an empty form")
    await plain.locator("[name=climate]").first.check()
    await plain.click("#send")
    await inspect_elsewhere(plain, page, "thanks")
    await plain.goto(f"{house.url}/{code}?next=000")
    await inspect_elsewhere(plain, page, "already sent")
    await house.close(teacher, round_id)
    await page.goto(f"{house.url}/{code}")
    await check_with_axe(page, "closed")


async def inspect_elsewhere(plain: Page, page: Page, where: str) -> None:
    """Axe is a script itself: what a page without scripts shows is inspected in another one."""
    await page.set_content((await plain.content()).replace('type="module"', 'type="none"'))
    await check_with_axe(page, where)
    await check_targets(page)


async def check_with_axe(page: Page, where: str) -> None:
    found = await Axe().run(page)
    told = [
        (rule["id"], [node["html"] for node in rule["nodes"]])
        for rule in found.response["violations"]
    ]
    assert not told, f"{where}: {json.dumps(told, indent=1)}"


async def check_targets(page: Page) -> None:
    """Everything that is tapped is as large as a finger."""
    small = await page.evaluate(
        """finger => [...document.querySelectorAll("button, a, label, summary, input, textarea")]
            .filter(element => element.checkVisibility() && element.type !== "radio"
                && !element.matches("label:not(:has(input))"))
            .map(element => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.height < finger || box.width < finger))
            .map(([html, box]) => `${html} ${box.width} × ${box.height}`)""",
        A_FINGER,
    )
    assert small == []


@pytest.mark.parametrize("instrument", ["lesfeedback", "schoolpuls"])
async def test_text_twice_as_large_loses_nothing(
    house: Running, phone: Phone, instrument: str
) -> None:
    page = await phone("uk")
    await page.goto(f"{house.url}/{await opened(house, instrument)}")
    await page.evaluate("document.documentElement.style.fontSize = '225%'")
    for stop in ("first", "question", "review"):
        await go_to(page, stop)
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], stop


async def test_read_aloud_is_offered_only_with_a_voice_for_the_language(
    house: Running, phone: Phone
) -> None:
    address = f"{house.url}/{await opened(house)}"
    for language, offered in (("nl", True), ("ar", False)):
        page = await phone(language)
        await page.add_init_script(VOICES)
        await page.goto(address)
        assert await page.locator("#aloud").is_visible() == offered
        if offered:
            await page.click("#aloud")
            assert "Lesfeedback" in await page.evaluate("said[0]")
            await page.click("#start")
            assert "Ik voelde me op mijn gemak." in await page.evaluate("said.join()")
            assert "Helemaal eens" in await page.evaluate("said.join()")


VOICES = """
globalThis.said = [];
globalThis.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(globalThis, "speechSynthesis", { value: {
    getVoices: () => [
        { lang: "nl-NL", localService: true }, { lang: "ar-SA", localService: false },
    ],
    addEventListener() {},
    cancel() {},
    speak: (utterance) => said.push(utterance.text),
} });
"""


async def test_a_typed_code_is_forgiven(house: Running, phone: Phone) -> None:
    page = await phone()
    code = await opened(house)
    await page.goto(house.url)
    await page.locator("[name=code]").fill(f" {code[:4].lower()} {code[4:].lower()}")
    await page.keyboard.press("Enter")
    await page.locator("#start").wait_for()
    assert page.url == f"{house.url}/{code}"
