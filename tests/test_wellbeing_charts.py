"""Two lines through nine school years, or two points: Plotly understands them, paper holds them."""

import re
from datetime import date, timedelta

import msgspec
import plotly.graph_objects
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import courses, wellbeing_charts
from service.courses import Course, Mark
from service.wellbeing_charts import Chart
from surveys.cells import Count
from surveys.release import Interval

AUTUMN, SPRING = date(2026, 11, 6), date(2027, 3, 12)

days = st.lists(
    st.dates(date(2019, 9, 1), date(2028, 7, 1)), min_size=1, max_size=27, unique=True
).map(sorted)
marks = st.lists(st.dates(date(2019, 9, 1), date(2028, 7, 1)), max_size=27, unique=True).map(
    lambda found: [Mark(day, number) for number, day in enumerate(sorted(found), start=1)]
)


@st.composite
def counts(draw):
    n = draw(st.integers(30, 1500))
    low = draw(st.integers(0, n))
    return Count(Interval(low, draw(st.integers(low, n))), n)


def drawn(on: list[date], well: list[Count], marks: list[Mark], language: str = "nl") -> Chart:
    said = [f"{count.interval.low} van de {count.n}" for count in well]
    spots = [courses.spot(count) for count in well]
    lines = [Course("gaat goed", True, spots, said), Course("niet goed", False, spots, said)]
    return wellbeing_charts.chart(courses.time(on, marks, language), lines)


def exactly(*shares: int) -> list[Count]:
    return [Count(Interval(share, share), 100) for share in shares]


@given(days, st.data(), marks, st.sampled_from(["nl", "en"]))
def test_plotly_understands_every_figure_and_its_drawing_stays_on_its_paper(
    on, data, decided, language
):
    well = data.draw(st.lists(counts(), min_size=len(on), max_size=len(on)))
    chart = drawn(on, well, decided, language)
    plain = msgspec.to_builtins(chart.figure)
    plotly.graph_objects.Figure(data=plain["data"], layout=plain["layout"])
    drawing = chart.drawing
    for stroke in drawing.strokes:
        places = [tuple(map(float, each.split(","))) for each in stroke.line.split()]
        assert len(places) == len(on)
        assert stroke.dots.count("M") + stroke.bars.count("M") == len(on)
        assert all(drawing.left <= x <= drawing.width for x, _ in places)
        assert all(drawing.top <= y <= drawing.bottom for _, y in places)
    assert len(drawing.labels) <= max(courses.YEARS, courses.MONTHS + 1)
    assert len(chart.rows) == len(on)


def test_a_figure_has_no_colour_of_its_own_and_no_words_but_those_it_was_given():
    chart = drawn([AUTUMN, SPRING], exactly(80, 84), [Mark(SPRING + timedelta(days=7), 1)])
    text = msgspec.json.encode(chart.figure).decode()
    colours = re.findall(r'"(?:\w*color)":"([^"]*)"', text)
    assert colours
    assert all(re.fullmatch(r"var\(--[\w-]+\)|rgba\(0,0,0,0\)", one) for one in colours)
    assert {one.text for one in chart.figure.layout.annotations} == {"1"}
    assert chart.figure.data[0].hovertext == (
        "6 november 2026<br>gaat goed: 80 van de 100",
        "12 maart 2027<br>gaat goed: 84 van de 100",
    )


def test_the_two_lines_are_told_apart_without_colour():
    whole, dashed = drawn([AUTUMN], exactly(80), []).figure.data
    assert (whole.line.dash, dashed.line.dash) == ("solid", "dash")
    assert whole.marker != dashed.marker


def test_a_range_is_a_bar_unless_a_dot_would_cover_it():
    wide, narrow = Count(Interval(80, 100), 100), Count(Interval(80, 83), 100)
    chart = drawn([AUTUMN, SPRING], [wide, narrow], [])
    stroke = chart.drawing.strokes[0]
    assert (stroke.bars.count("M"), stroke.dots.count("M")) == (1, 1)
    assert stroke.band
    assert not drawn([AUTUMN], exactly(80), []).drawing.strokes[0].band


@pytest.mark.parametrize(
    ("years", "labelled"),
    [(3, ["2019–20", "2020–21", "2021–22"]), (9, ["2019–20", "2022–23", "2025–26"])],
)
def test_many_waves_have_their_school_years_below_them(years, labelled):
    on = [
        day
        for year in range(2019, 2019 + years)
        for day in (date(year, 11, 5), date(year + 1, 3, 10), date(year + 1, 6, 8))
    ]
    chart = drawn(on, exactly(*[70] * len(on)), [])
    assert list(chart.figure.layout.xaxis.ticktext) == labelled


def test_a_few_waves_have_their_months_and_each_first_its_school_year():
    on = [AUTUMN, SPRING, date(2027, 11, 5)]
    chart = drawn(on, exactly(70, 71, 72), [])
    assert chart.figure.layout.xaxis.ticktext == ("nov<br>2026–27", "mrt", "nov<br>2027–28")
