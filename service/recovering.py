"""From the command line: a way back in for who forgot the password or lost the phone.

Whoever runs the machine can do anything to its database; this is done to the account alone, and
ends what was open with it.
"""

from datetime import datetime
from random import SystemRandom

from asyncpg import Connection

from service import resetting, sessions
from service.storage import accounts, resets, second_factors


async def recover(
    connection: Connection, url: str, lost: str, email: str, now: datetime
) -> str | None:
    """What to tell them; None where there is nothing to be lost."""
    if lost == "second-factor":
        if not await end_second_factor(connection, email):
            return None
        return f"{email} signs in with the password, and then sets up a phone anew."
    if (link := await link_for(connection, url, email, now)) is None:
        return None
    return f"With this link {email} chooses another password, once, within the hour: {link}"


async def link_for(connection: Connection, url: str, email: str, now: datetime) -> str | None:
    account = await accounts.by_email(connection, email.strip().lower())
    if account is None:
        return None
    token, until = SystemRandom().randbytes(16).hex(), now + resetting.HOLDS
    await resets.add(connection, sessions.token_hash(token), account.account_id, until)
    return f"{url}/passwords/{token}"


async def end_second_factor(connection: Connection, email: str) -> bool:
    account = await accounts.by_email(connection, email.strip().lower())
    if account is None or not await second_factors.remove(connection, account.account_id):
        return False
    await accounts.end_all_sessions(connection, account.account_id)
    return True
