"""Figures that Plotly understands, that tell nothing of their own and let nothing out."""

import re
import subprocess
import sys
from datetime import UTC, date, timedelta

import msgspec
import plotly.graph_objects
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from playwright.async_api import Page, Route, expect

from service import assets, charts, rendering, sparks
from service import plotly as served
from service.headers import SHELL
from service.plotly import Figure
from service.sparks import Mark
from surveys.trends import ItemTrend, trend
from tests.surveys.examples import EVERY_KIND
from tests.surveys.past import START, calm_weekly, surveys

LANGUAGES = ["nl", "en", "de", "fr", "tr", "ar", "uk", "pl"]
WORDS = "bijna iedereen (22 of meer van de 24)"
NASTY = "</script><script>alert(1)</script> <a href='//x'>& &amp; $x^2$"

days = st.dates(START - timedelta(days=400), START + timedelta(days=400))
marks = st.lists(st.builds(Mark, days, st.text(max_size=140)), max_size=4)


def calm(*counts: int) -> ItemTrend:
    return trend(EVERY_KIND, calm_weekly(counts)).of("calm")


def figure_of(shown: ItemTrend, *agreed: Mark, language: str = "nl") -> Figure:
    return charts.trend_figure(shown.results, [WORDS] * len(shown.results), agreed, language)


def validate(figure: Figure) -> None:
    """Plotly's own check of every name and value; raises ValueError."""
    plain = msgspec.to_builtins(figure)
    plotly.graph_objects.Figure(data=plain["data"], layout=plain["layout"])


# Plotly's words


@given(surveys(), marks, st.sampled_from(LANGUAGES))
@settings(max_examples=30, deadline=None)
def test_plotly_understands_every_figure(survey, agreed, language):
    shown = [each for each in trend(*survey).items if each.results]
    assume(shown)
    for each in shown:
        validate(figure_of(each, *agreed, language=language))


def test_the_check_finds_a_name_that_plotly_does_not_have():
    figure = msgspec.to_builtins(figure_of(calm(12)))
    with pytest.raises(ValueError, match="colour"):
        plotly.graph_objects.Figure(data=[{"type": "scatter", "line": {"colour": "red"}}])
    assert figure["data"]


def test_plotly_knows_every_setting():
    script = served.script().read_text()
    for setting in msgspec.to_builtins(figure_of(calm(12)))["config"]:
        assert f"{setting}:{{valType" in script


def test_nothing_leaves_the_page():
    config = msgspec.to_builtins(figure_of(calm(12)))["config"]
    assert not any(
        config[setting]
        for setting in ("displayModeBar", "displaylogo", "showSendToCloud", "scrollZoom")
    )


def test_a_page_with_a_chart_does_not_import_plotly():
    source = "import sys, service.charts; assert 'plotly' not in sys.modules"
    subprocess.run([sys.executable, "-c", source], check=True)


def test_the_style_sheet_is_plotly_s_own():
    sheet = served.style()
    assert ".js-plotly-plot .plotly .main-svg{position:absolute;top:0;left:0;" in sheet
    assert not re.search(r"^[XY]\b", sheet, flags=re.MULTILINE)
    assert sheet.count("{") == sheet.count("}") > 50
    assert re.match(r':root\{--plotly-maps:"\w{64}"\}', sheet)


# What is shown


def test_almost_everybody_reaches_the_upper_edge():
    figure = msgspec.to_builtins(figure_of(calm(12, 24)))
    band, shares = figure["data"]
    assert shares["y"] == (50, 95.8)
    assert shares["error_y"]["array"] == (0, 4.2)
    assert shares["marker"]["size"] == (charts.DOT, 0)
    assert band["y"] == (50, 100, 91.7, 50)


def test_a_figure_has_no_words_of_its_own():
    figure = figure_of(calm(12, 24), Mark(START, "Eerst overleggen"))
    texts = {one.text for one in figure.layout.annotations} | set(figure.layout.yaxis.ticktext)
    assert texts == {"Eerst overleggen", "0%", "50%", "100%"}
    assert figure.layout.xaxis.ticktext == ("7 sep", "14 sep")


def test_a_figure_has_no_colour_of_its_own():
    """Every colour follows the page into the dark."""
    figure = figure_of(calm(12, 24), Mark(START, "x"))
    colours = re.findall(r'"(?:\w*color)":"([^"]*)"', msgspec.json.encode(figure).decode())
    assert colours
    assert all(re.fullmatch(r"var\(--[\w-]+\)|rgba\(0,0,0,0\)", one) for one in colours)


@given(st.lists(days, min_size=1, max_size=40, unique=True).map(sorted))
def test_days_are_labelled_so_that_they_do_not_touch(rounds):
    width = max(rounds) - min(rounds)
    labelled = charts.apart(rounds, width / charts.LABELLED_DAYS)
    assert labelled[-1] == rounds[-1]
    assert len(labelled) <= charts.LABELLED_DAYS + 1


def test_a_school_year_has_two_years_in_it():
    autumn, winter, spring = date(2026, 11, 2), date(2027, 1, 11), date(2027, 3, 1)
    assert charts.day_labels([autumn, winter, spring], "nl") == (
        "2 nov<br>2026",
        "11 jan<br>2027",
        "1 mrt",
    )


@given(surveys(), marks)
def test_the_drawing_stays_on_its_paper(survey, agreed):
    for each in trend(*survey).items:
        if each.results:
            spark = sparks.spark(each.results, agreed)
            places = [tuple(map(float, one.split(","))) for one in spark.band.split()]
            assert all(0 <= x <= spark.width and 0 <= y <= spark.height for x, y in places)
            assert (spark.dots + spark.bars).count("M") == len(each.results)


# Words of a class


def test_an_agreement_cannot_leave_its_script_element():
    figure = figure_of(calm(12), Mark(START, NASTY))
    assert "<" not in figure.__html__()
    assert msgspec.json.decode(figure.__html__()) == msgspec.json.decode(
        msgspec.json.encode(figure)
    )


def test_an_agreement_is_no_markup_to_plotly():
    (annotation,) = figure_of(calm(12), Mark(START, NASTY)).layout.annotations
    assert "<a" not in annotation.text
    assert set(re.findall(r"<.*?>", annotation.text)) == {"<br>"}


# In a browser


def chart_page() -> str:
    shown = calm(11, 12, 18, 24)
    chart = charts.chart(
        "Het was rustig.",
        shown.results,
        [WORDS] * 4,
        [Mark(START + timedelta(days=9), NASTY)],
        "nl",
    )
    template = rendering.environment(UTC).get_template("charts/trend.html")
    figure = template.render(chart=chart, language="nl")
    return (
        '<!doctype html><html lang="nl"><title>Trend</title>'
        f'<link rel="stylesheet" href="{assets.link("style.css")}">'
        f'<link rel="stylesheet" href="{assets.link("chart.css")}">'
        f'<link rel="icon" href="{assets.link("icon.svg")}">'
        f'<script type="module" src="{assets.link("chart.js")}"></script>'
        f"<main><details><summary>Open</summary>{figure}</details></main>"
    )


async def serve(route: Route) -> None:
    """The page and its files, under the headers of every page of ours."""
    name = route.request.url.rpartition("/")[2]
    if name:
        file = assets.file(name)
        body, media_type = file.content, file.media_type
    else:
        body, media_type = chart_page().encode(), "text/html; charset=utf-8"
    await route.fulfill(body=body, headers={**SHELL, "Content-Type": media_type})


async def open_page(page: Page) -> list[str]:
    """Opens it, and gives the list in which everything stands that Chromium complains about."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.route("**/*", serve)
    await page.goto("https://school.test/")
    return complaints


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
async def test_a_chart_draws_when_it_comes_into_view_and_breaks_no_policy(page, width):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    await page.set_viewport_size({"width": width, "height": 800})
    complaints = await open_page(page)
    await page.wait_for_load_state("networkidle")
    assert "plotly.js" not in asked
    await page.get_by_text("Open").click()
    await expect(page.locator(".plot .points path")).to_have_count(4)
    await expect(page.locator(".plot .annotation")).to_contain_text("& &amp; $x^2$")
    await expect(page.locator(".drawing")).to_be_hidden()
    assert complaints == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
async def test_a_chart_follows_the_page_into_the_dark(page):
    await open_page(page)
    await page.get_by_text("Open").click()
    line = page.locator(".plot .js-line").last
    await expect(line).to_have_css("stroke", "rgb(31, 95, 122)")
    await page.emulate_media(color_scheme="dark")
    await expect(line).not_to_have_css("stroke", "rgb(31, 95, 122)")


@pytest.mark.browser
async def test_on_paper_the_drawing_and_the_table_are_the_chart(page):
    await open_page(page)
    await page.get_by_text("Open").click()
    await expect(page.locator(".plot .points path")).to_have_count(4)
    await page.emulate_media(media="print")
    await expect(page.locator(".plot")).to_be_hidden()
    await expect(page.locator(".drawing")).to_be_visible()
    await expect(page.get_by_role("row")).to_have_count(5)


@pytest.mark.browser
async def test_without_a_script_the_drawing_and_the_table_are_the_chart(chromium):
    page = await chromium.new_page(java_script_enabled=False)
    await open_page(page)
    await page.get_by_text("Open").click()
    await expect(page.locator(".drawing")).to_be_visible()
    await page.get_by_text("As a table").or_(page.get_by_text("Als tabel")).click()
    await expect(page.get_by_role("row").last).to_contain_text(WORDS)
    await page.close()
