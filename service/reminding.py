"""Mails that the clock sends: to the adviser, that somebody asked for a talk, never what is in it;
to a teacher, that a survey may be asked again as planned, or that the school asks a class.

Until a mail was taken by the school's server its reminder stays; without a server there is none.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

from service import logs, planning
from service.house import House
from service.storage import groups, people, reminders, surveys, tenancy, turns, waves
from service.storage.people import Member
from service.storage.reminders import About, Reminder
from surveys.access import Role

EVERY = 60.0  # seconds
FIRST_HOUR, LAST_HOUR = 8, 17  # of a school day

log = logging.getLogger(__name__)


async def run(house: House) -> None:
    while True:
        try:
            async with turns.taken(house.pool, "reminding") as is_mine:
                if is_mine:
                    await remind(house)
        except Exception as error:  # noqa: BLE001  whatever it was, the clock goes on
            logs.trouble(log, "reminders were not sent and will be tried again", error)
        await asyncio.sleep(EVERY)


async def remind(house: House) -> None:
    for reminder in await reminders.due(house.pool, house.clock()):
        match reminder.about:
            case About.TALK:
                await remind_advisers(house, reminder)
            case About.ROUND:
                await remind_teacher(house, reminder)
            case About.WAVE:
                await remind_mentors(house, reminder)


async def remind_advisers(house: House, reminder: Reminder) -> None:
    async with tenancy.school(house.pool, reminder.school_id) as connection:
        advisers = await people.active(connection, reminder.school_id, Role.ADVISER)
    taken = [await send(house, reminder, adviser) for adviser in advisers]
    if all(taken):
        await reminders.done(house.pool, reminder)


async def remind_teacher(house: House, reminder: Reminder) -> None:
    """The morning has come, unless the survey was asked meanwhile: then another one will.

    Who does not ask is reminded again when the plan has gone round once more, not every morning.
    """
    async with tenancy.school(house.pool, reminder.school_id) as connection:
        survey = await surveys.get(connection, reminder.school_id, reminder.subject)
        if survey is None or survey.owner is None or survey.every_weeks is None:
            await reminders.done(connection, reminder)
            return
        group = await groups.get(connection, survey.school_id, survey.group_id)
        teacher = await people.get(connection, survey.school_id, survey.owner)
        day = await planning.next_day(house, connection, survey)
    again = timedelta(days=1)
    if day is not None and day <= house.today() and teacher and teacher.ended_on is None:
        if not await send(house, reminder, teacher, survey=survey, group=group):
            return
        again = timedelta(weeks=survey.every_weeks)
    async with tenancy.school(house.pool, reminder.school_id) as connection:
        await planning.ring(house, connection, survey, not_before=house.today() + again)


async def remind_mentors(house: House, reminder: Reminder) -> None:
    """One mail to each, with the classes that still take answers."""
    async with tenancy.school(house.pool, reminder.school_id) as connection:
        wave = await waves.get(connection, reminder.school_id, reminder.subject)
        classes = await waves.mentors(connection, reminder.school_id, reminder.subject)
        teachers = await people.active(connection, reminder.school_id, Role.TEACHER)
    if wave and wave.takes_answers(house.clock()):
        taken = [
            await send(house, reminder, teacher, wave=wave, classes=classes[teacher.account_id])
            for teacher in teachers
            if teacher.account_id in classes
        ]
        if not all(taken):
            return
    await reminders.done(house.pool, reminder)


async def send(house: House, reminder: Reminder, to: Member, **context: Any) -> bool:
    if house.mail is None:
        return True
    text = house.templates.get_template(f"mail/{reminder.about}.txt").render(
        language=to.language, name=to.name, url=house.settings.url, **context
    )
    subject, _, body = text.partition("\n")
    return await house.mail.send(to.email, subject, body.strip() + "\n")


def next_school_hour(moment: datetime) -> datetime:
    """The next whole hour of a school day: a mail at the minute of asking would tell who asked."""
    hour = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while hour.weekday() >= 5 or not FIRST_HOUR <= hour.hour <= LAST_HOUR:
        hour += timedelta(hours=1)
    return hour
