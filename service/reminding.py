"""Mails that the clock sends: to the adviser, that somebody asked for a talk, never what is in it;
to a teacher, that a survey may be asked again as planned, or that the school asks a class; to
leaders, that somebody got a role, or that others outside the school see something of it; to whoever
can stop it, that the school is to be deleted.

Until a mail was taken by the school's server its reminder stays; without a server there is none.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

from service import logs, mailing, planning
from service.house import House
from service.storage import (
    groups,
    mentors,
    people,
    reminders,
    schools,
    surveys,
    tenancy,
    turns,
    waves,
)
from service.storage.people import Member
from service.storage.reminders import About, Reminder
from surveys.access import Role

EVERY = 60.0  # seconds
FIRST_HOUR, LAST_HOUR = 8, 17  # of a school day
FOR = {
    About.TALK: (Role.ADVISER,),
    About.ROLE: (Role.LEADER,),
    About.OUTSIDE: (Role.LEADER,),
    About.DELETION: (Role.LEADER, Role.ADMINISTRATOR),
}

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
            case About.ROUND:
                await remind_teacher(house, reminder)
            case About.WAVE:
                await remind_mentors(house, reminder)
            case About.TALK | About.ROLE | About.OUTSIDE | About.DELETION:
                await remind_roles(house, reminder)


async def remind_roles(house: House, reminder: Reminder) -> None:
    """Everybody who has one of the roles that this is for."""
    async with tenancy.school(house.pool, reminder.school_id) as connection:
        school = await schools.get(connection, reminder.school_id)
        concerned = {
            one.account_id: one
            for role in FOR[reminder.about]
            for one in await people.active(connection, reminder.school_id, role)
        }
    taken = [await send(house, reminder, one, school=school) for one in concerned.values()]
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
        if group is None or group.ended_on is not None:
            await reminders.done(connection, reminder)
            return
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
        classes = await mentors.of_wave(connection, reminder.school_id, reminder.subject)
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
    """Without a mail server there is nothing to wait for."""
    if house.mail is None:
        return True
    return await mailing.send(
        house, reminder.about, to=to.email, language=to.language, name=to.name, **context
    )


def next_school_hour(moment: datetime) -> datetime:
    """The next whole hour of a school day: a mail at the minute of asking would tell who asked."""
    hour = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while hour.weekday() >= 5 or not FIRST_HOUR <= hour.hour <= LAST_HOUR:
        hour += timedelta(hours=1)
    return hour
