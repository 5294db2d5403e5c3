"""The staff's pages and the class's screen in a real browser."""

import re
from collections.abc import Sequence
from datetime import date
from random import Random

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from surveys.instrument import Stage, library
from surveys.rounds import Survey
from tests import past_waves
from tests.house import PASSWORD, START_TOKEN, Running
from tests.pages.test_talks import appoint
from tests.phones import shows

pytestmark = pytest.mark.browser

ITEMS = [item.id for item in library()["lesfeedback"].closed]
AGREE, DISAGREE = "4", "1"
OWN = {
    "name": "Onze les",
    "lesfeedback.clarity": "1",
    "own.1.text": "Ik durf fouten te maken.",
    "own.1.kind": "agreement",
    "own.2.text": "Ik werk graag samen.",
    "own.2.kind": "faces",
    "purpose": "lesson",
}
SHOWN_AS = [(360, 740, "nl", "light"), (1280, 800, "en", "dark")]


async def signed_in(page: Page, house: Running, name: str = "ilse", language: str = "nl") -> None:
    await house.set_up_second_factor(f"{name}@example.org")
    await page.goto(f"{house.url}/signin?language={language}")
    await page.fill("[name=email]", f"{name}@example.org")
    await page.fill("[name=password]", PASSWORD)
    await page.press("[name=password]", "Enter")
    await page.wait_for_url(re.compile("/classes$|/signin/code"))
    if "/code" in page.url:
        await page.fill("[name=code]", house.code_now())
        await page.press("[name=code]", "Enter")
        await page.wait_for_url("**/classes")


def of_class(clear: int, n: int) -> list[dict[str, str]]:
    """The answers of n students, of whom so many found the explanation clear."""
    return [
        {
            **dict.fromkeys(ITEMS, AGREE),
            "clarity": AGREE if student < clear else DISAGREE,
            "top": f"Top {student}",
            "tip": f"Tip {student}",
        }
        for student in range(n)
    ]


async def answered(
    house: Running, survey: Survey, answers: Sequence[dict[str, str]], **asked: str
) -> str:
    """A round that is open, with these answers; returns its id."""
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, survey, **asked)
    code = await house.code(teacher, round_id)
    for answer in answers:
        await house.answer(code, answer)
    return round_id


async def told(house: Running, survey: Survey, *rounds: Sequence[dict[str, str]]) -> str:
    """Rounds that were closed, a week apart; returns the id of the last."""
    for answers in rounds:
        house.clock.go(days=7)
        round_id = await answered(house, survey, answers)
        await house.close(await house.staff("ilse"), round_id)
    return round_id


async def with_everything(house: Running) -> dict[str, Sequence[str]]:
    """A school in which every page has something to show: addresses by who may open them."""
    survey = await house.survey("2B")
    await told(house, survey, of_class(4, 10), of_class(5, 10))
    teacher = await house.staff("ilse")
    agreement = {"agreement": "Eerst overleggen in tweetallen", "about": "clarity"}
    await teacher.post(f"/surveys/{survey.survey_id}/discussion", data=agreement)
    last = await told(house, survey, of_class(9, 10), of_class(10, 11))
    await house.add_class("1C", 24)
    few = await house.survey("1C")
    await told(house, few, of_class(1, 2))
    await house.add_class("3D", 28)
    now = await answered(house, await house.survey("3D"), of_class(1, 2))
    administrator = await house.staff("ada")
    invitation = {"name": "Nour", "email": "nour@example.org", "role": "teacher"}
    link = (await administrator.post("/school/invitations", data=invitation)).text
    token = link.split("/invitations/")[1].split('"')[0]
    teacher = await house.staff("ilse")  # weeks have passed
    screen = (await teacher.get(f"/rounds/{now}")).text
    await teacher.post(f"/rounds/{now}/visit")
    guess = (await teacher.get(f"/rounds/{now}/guess")).text
    group = house.cast.classes["2B"].group_id
    own = (await teacher.post(f"/classes/{group}/compose", data=OWN)).headers["location"]
    translations = own.replace("/ask", "/translations")
    await teacher.post(f"{translations}/ar", data={"item.own-1": "أجرؤ على ارتكاب الأخطاء."})
    board = (await teacher.post("/boards", data={"name": "Onderbouw"})).headers["location"]
    members = {str(house.cast.people["omar"]): "yes"}
    await teacher.post(f"{board}/members", data=members)
    line = {"survey": str(survey.survey_id), "on_screen": "yes"}
    await teacher.post(f"{board}/lines", data=line)
    await teacher.post(f"{board}/actions", data={"text": "Elkaars les bezoeken", "who": "Omar"})
    staff_room = (await teacher.get(board)).text.split("/board/")[1][:32]
    await teacher.post(f"/surveys/{survey.survey_id}/sharing", data=members)
    await appoint(house, "wim")
    last_year = {"name": "Groep 6", "kind": "class", "stage": "primary", "members": "26"}
    kids = house.cast.classes["Groep 6"].group_id
    await administrator.post(
        f"/school/groups/{kids}/edit", data={**last_year, "school_year": "2025"}
    )
    await asked_in_waves(house)
    async with house.visitor() as student:
        await student.post(f"/talk/{house.cast.school}", data={"name": "Robin", "class": "2B"})
    return {
        "": [
            "/signin",
            f"/invitations/{token}",
            "/screen/" + screen.split("/screen/")[1].split('"')[0],
            f"/board/{staff_room}",
            "/visit/" + guess.split("/visit/")[1].split('"')[0],
            "/help",
            "/help/teacher",
            "/privacy",
            "/privacy/database",
            "/privacy/dpia",
        ],
        "ilse": [
            "/classes",
            "/classes/new",
            f"/classes/{group}/edit",
            f"/classes/{group}/ask",
            f"/classes/{group}/compose",
            f"/classes/{group}/instrument",
            f"/surveys/{survey.survey_id}/preview",
            own,
            translations,
            f"{translations}/ar",
            "/example",
            f"/surveys/{few.survey_id}/ask",
            f"/surveys/{survey.survey_id}/ask",
            f"/surveys/{survey.survey_id}",
            f"/surveys/{survey.survey_id}/discussion",
            f"/surveys/{few.survey_id}",
            f"/surveys/{survey.survey_id}/sharing",
            f"/rounds/{now}/guess",
            "/boards",
            board,
            f"/rounds/{now}",
            f"/rounds/{now}/closure",
            f"/rounds/{last}/thanks",
            "/account",
            f"/surveys/{house.cast.school}",  # leads nowhere
        ],
        "omar": ["/classes", "/shared", f"/shared/{survey.survey_id}"],
        "wim": [
            "/school",
            "/talks",
            "/school/groups/turnover",
            "/wellbeing",
            "/wellbeing?cell=secondary-1",
        ],
        "ada": [
            "/school",
            "/school/people",
            f"/school/people/{house.cast.people['wim']}",
            "/account/deletion",
            "/school/invitations",
            "/school/groups",
            "/school/groups/new",
            f"/school/groups/{group}",
            f"/school/groups/{group}/edit",
            "/school/settings",
            "/school/audit",
            "/school/deletion",
        ],
    }


async def asked_in_waves(house: Running) -> None:
    """Three of them, in which classes were told of, small ones together."""
    school_id, days = house.cast.school, [date(2026, month, 5) for month in (1, 3, 6)]
    sizes = {1: [25, 24, 26, 7, 6], 2: [25, 24]}
    groups = past_waves.classes(school_id, Random(1), sizes, Stage.SECONDARY)
    await past_waves.live(
        house.dsn,
        school_id,
        library()["schoolpuls"],
        days,
        groups,
        lambda member: (0.8, 0.1),
        by_class=True,
        decision="Elke mentor praat met elke leerling",
    )


async def barriers(page: Page) -> list[str]:
    found = await Axe().run(page)
    return [f"{each['id']}: {each['nodes'][0]['target']}" for each in found.response["violations"]]


@pytest.mark.parametrize(("width", "height", "language", "colours"), SHOWN_AS)
async def test_every_page_is_for_everybody(
    house: Running, chromium: Browser, width: int, height: int, language: str, colours: str
):
    """No violation of axe-core's, nothing beside the edge, and nothing that the policy forbids."""
    complaints: list[str] = []
    for name, addresses in (await with_everything(house)).items():
        async with await chromium.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            color_scheme="dark" if colours == "dark" else "light",
        ) as context:
            context.on("console", lambda told: complaints.append(told.text))
            context.on("weberror", lambda told: complaints.append(str(told.error)))
            page = await context.new_page()
            if name:
                await signed_in(page, house, name, language)
            for address in addresses:
                await page.goto(house.url + address)
                await page.evaluate(
                    "for (const one of document.querySelectorAll('details')) one.open = true"
                )
                assert await page.get_attribute("html", "lang") == language
                assert not await barriers(page), address
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert [each for each in complaints if "404" not in each] == []


async def test_the_first_page_of_a_new_service(empty_house: Running, page: Page):
    await page.goto(f"{empty_house.url}/signin")
    assert not await barriers(page)
    await page.fill("[name=school]", "Het Kompas")
    await page.fill("[name=name]", "Ada")
    await page.fill("[name=email]", "ada@example.org")
    await page.fill("[name=password]", PASSWORD)
    await page.fill("[name=token]", START_TOKEN)
    await page.press("[name=password]", "Enter")
    await page.wait_for_url("**/account/second-factor")
    assert not await barriers(page)
    secret = (await page.inner_text(".key")).replace(" ", "")
    await page.fill("[name=code]", shows(secret, empty_house.clock()))
    await page.press("[name=code]", "Enter")
    await page.wait_for_selector(".recovery-codes")
    assert not await barriers(page)
    await page.goto(f"{empty_house.url}/school")
    assert await page.inner_text("h1") == "Het Kompas"


async def test_another_language_loses_nothing_of_a_form(house: Running, chromium: Browser):
    page = await chromium.new_page(java_script_enabled=False)
    await signed_in(page, house)
    await page.goto(f"{house.url}/classes/new")
    await page.fill("[name=name]", "4H wiskunde")
    await page.check("[name=stage][value=vocational]")
    await page.click("button[name=language]")
    assert await page.get_attribute("html", "lang") == "en"
    assert await page.inner_text("h1") == "Add a class"
    assert await page.input_value("[name=name]") == "4H wiskunde"
    assert await page.is_checked("[name=stage][value=vocational]")
    assert await page.locator(".problem").count() == 0
    await page.close()


async def test_a_mistake_is_told_beside_its_field_which_has_the_focus(house: Running, page: Page):
    await signed_in(page, house)
    await page.goto(f"{house.url}/classes/new")
    await page.fill("[name=name]", "2B")
    await page.fill("[name=members]", "61")
    await page.evaluate("document.querySelector('#group').noValidate = true")
    await page.click("#group button.main")
    field = page.locator("[name=members]")
    assert await field.get_attribute("aria-invalid") == "true"
    told_by = (await field.get_attribute("aria-describedby") or "").split()
    assert await page.inner_text(f"#{told_by[-1]}") == "Een getal van 1 tot en met 60."
    assert await field.evaluate("field => field === document.activeElement")


async def test_the_screen_stands_still_from_four_in_five(
    house: Running, page: Page, wide_page: Page
):
    round_id = await answered(house, await house.survey("2B"), of_class(10, 19))
    teacher = await house.staff("ilse")
    html = (await teacher.get(f"/rounds/{round_id}")).text
    await wide_page.goto(f"{house.url}/screen/" + html.split("/screen/")[1].split('"')[0])
    assert await wide_page.locator(".dots .full").count() == 7
    assert await wide_page.is_hidden("[data-most]")
    code = await house.code(teacher, round_id)
    for answer in of_class(0, 3):
        await house.answer(code, answer)
        await wide_page.wait_for_selector("[data-most]:visible")
        assert await wide_page.locator(".dots .full").count() == 8
    assert "22" not in await wide_page.inner_text("main")


async def test_closing_too_early_says_what_is_lost_and_offers_tomorrow(house: Running, page: Page):
    round_id = await answered(house, await house.survey("2B"), of_class(5, 7))
    await signed_in(page, house)
    await page.goto(f"{house.url}/rounds/{round_id}/closure")
    assert "7 antwoorden. Vanaf 8 laten we iets zien." in await page.inner_text("main")
    assert await page.inner_text("button.main") == "Open laten tot morgen"
    await page.click("button.main")
    await page.wait_for_url(f"**/rounds/{round_id}")
    assert await page.inner_text("[data-n]") == "7"


async def test_after_closing_the_class_sees_thanks_and_no_result(house: Running, page: Page):
    round_id = await answered(house, await house.survey("2B"), of_class(12, 20))
    await signed_in(page, house)
    await page.goto(f"{house.url}/rounds/{round_id}/closure")
    await page.click("button.main")
    await page.wait_for_url("**/thanks")
    said = await page.inner_text("main")
    assert "Dank jullie wel" in said
    assert not any(sign.isdigit() for sign in said)


async def test_seven_answers_are_too_few_to_tell(house: Running, page: Page):
    survey = await house.survey("2B")
    await told(house, survey, of_class(5, 7))
    await signed_in(page, house)
    await page.goto(f"{house.url}/surveys/{survey.survey_id}")
    assert "7 antwoorden. Vanaf 8 laten we iets zien." in await page.inner_text(".notice")
    assert await page.locator(".items").count() == 0


async def test_a_result_is_told_in_words_and_its_bounds_only_when_asked(house: Running, page: Page):
    survey = await house.survey("2B")
    await told(house, survey, of_class(9, 16))
    await signed_in(page, house)
    await page.goto(f"{house.url}/surveys/{survey.survey_id}")
    said = await page.inner_text("main")
    assert "16 van de 24 deden mee (67%)" in said.replace("\xa0", " ")
    assert "Te weinig om voor de hele klas te spreken." in said
    assert "Bijna iedereen koos “Eens” of “Helemaal eens”: 14 of meer van de 16." in said
    assert "Ongeveer de helft koos “Eens” of “Helemaal eens”: 9 van de 16." in said
    assert "9 tot 17 van de 24" not in said
    await page.click(".all > summary")
    await page.click(".items > li:nth-child(3) summary")
    assert "9 tot 17 van de 24" in await page.inner_text(".items > li:nth-child(3)")


async def test_all_questions_are_folded_on_the_screen_and_stand_on_paper(
    house: Running, page: Page
):
    survey = await house.survey("2B")
    await told(house, survey, of_class(9, 16))
    await signed_in(page, house)
    await page.goto(f"{house.url}/surveys/{survey.survey_id}")
    last = page.locator(".items > li").last
    assert not await last.is_visible()
    await page.emulate_media(media="print")
    assert await last.is_visible()


async def test_tips_are_folded_and_a_text_is_put_away_for_good_after_a_second_thought(
    house: Running, chromium: Browser
):
    survey = await house.survey("2B")
    await told(house, survey, of_class(9, 12))
    page = await chromium.new_page(java_script_enabled=False)
    await signed_in(page, house)
    await page.goto(f"{house.url}/surveys/{survey.survey_id}")
    assert await page.is_visible("text='Top 7'")
    assert await page.is_hidden("text='Tip 7'")
    unwanted = page.locator(".comments li", has_text="Top 7")
    assert await unwanted.locator("button").is_hidden()
    await unwanted.locator("summary").click()
    await unwanted.locator("button").click()
    await page.wait_for_url(f"**/surveys/{survey.survey_id}")
    assert await page.locator("text='Top 7'").count() == 0
    assert await page.is_visible("text='Top 8'")
    await page.close()


async def test_the_list_of_classes_shows_no_figures(house: Running, page: Page):
    survey = await house.survey("2B")
    await told(house, survey, of_class(9, 20))
    await signed_in(page, house)
    card = page.locator(".card", has_text="2B")
    assert "Mag weer vanaf" in await card.inner_text()
    assert "20" not in (await card.inner_text()).replace("2026", "")
    assert "%" not in await card.inner_text()
