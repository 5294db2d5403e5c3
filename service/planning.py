"""A survey that is asked every so many weeks, and the morning on which its teacher is reminded.

What is kept is the plan. The reminder only rings: when it does, the plan is looked at again, and
where the survey was asked meanwhile, or may not be asked yet, it rings another morning.
"""

from datetime import date, datetime, time, timedelta

from asyncpg import Connection
from msgspec.structs import replace

from service import opening
from service.house import House
from service.storage import reminders, rounds, surveys
from service.storage.reminders import About, Reminder
from surveys.rounds import Survey, planned_on

MORNING = time(8)


async def plan(
    house: House, connection: Connection, survey: Survey, every_weeks: int | None
) -> None:
    """From now on every so many weeks; None ends the plan."""
    await surveys.plan(connection, survey.school_id, survey.survey_id, every_weeks)
    tomorrow = house.today() + timedelta(days=1)
    await ring(house, connection, replace(survey, every_weeks=every_weeks), tomorrow)


async def ring(house: House, connection: Connection, survey: Survey, not_before: date) -> None:
    """Sets the survey's one reminder to the morning of the next day of its plan."""
    day = max(await next_day(house, connection, survey) or not_before, not_before)
    reminder = Reminder(
        about=About.ROUND,
        school_id=survey.school_id,
        subject=survey.survey_id,
        due=datetime.combine(day, MORNING, house.settings.zone),
    )
    await reminders.done(connection, reminder)
    if survey.every_weeks is not None:
        await reminders.plan(connection, reminder)


async def next_day(house: House, connection: Connection, survey: Survey) -> date | None:
    """When the plan says to ask again; None without a plan, and while a round is open."""
    first = await opening.first_day(house, connection, survey)
    if survey.every_weeks is None or first is None:
        return None
    asked = await rounds.of_survey(connection, survey.school_id, survey.survey_id)
    if not asked and survey.follows:  # changed questions keep the rhythm of the ones before
        asked = await rounds.of_survey(connection, survey.school_id, survey.follows)
    if not asked:
        return planned_on(0, first, first)
    return planned_on(survey.every_weeks, asked[-1].opened_on, first)
