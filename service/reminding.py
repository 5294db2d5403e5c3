"""Mails that the clock sends: to the adviser, that somebody asked for a talk. Never what is in it.

Until a mail was taken by the school's server its reminder stays; without a server there is none.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from service import logs
from service.house import House
from service.storage import accounts, reminders, schools, tenancy
from service.storage.accounts import Account
from service.storage.reminders import Reminder
from surveys.access import Role

EVERY = 60.0  # seconds
FIRST_HOUR, LAST_HOUR = 8, 17  # of a school day

log = logging.getLogger(__name__)


async def run(house: House) -> None:
    while True:
        try:
            await remind(house)
        except Exception as error:  # noqa: BLE001  whatever it was, the clock goes on
            logs.trouble(log, "reminders were not sent and will be tried again", error)
        await asyncio.sleep(EVERY)


async def remind(house: House) -> None:
    for reminder in await reminders.due(house.pool, house.clock()):
        taken = [await send(house, reminder, account) for account in await told_of(house, reminder)]
        if all(taken):
            await reminders.done(house.pool, reminder)


async def told_of(house: House, reminder: Reminder) -> list[Account]:
    """Whom a reminder is for."""
    async with tenancy.school(house.pool, reminder.school_id) as connection:
        emails = await schools.active(connection, reminder.school_id, Role.ADVISER)
        found = [await accounts.by_email(connection, email) for email in emails]
    return [account for account in found if account]


async def send(house: House, reminder: Reminder, account: Account) -> bool:
    if house.mail is None:
        return True
    text = house.templates.get_template(f"mail/{reminder.about}.txt").render(
        language=account.language, name=account.name, url=house.settings.url
    )
    subject, _, body = text.partition("\n")
    return await house.mail.send(account.email, subject, body.strip() + "\n")


def next_school_hour(moment: datetime) -> datetime:
    """The next whole hour of a school day: a mail at the minute of asking would tell who asked."""
    hour = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while hour.weekday() >= 5 or not FIRST_HOUR <= hour.hour <= LAST_HOUR:
        hour += timedelta(hours=1)
    return hour
