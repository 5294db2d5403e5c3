"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes."""

import hmac
from base64 import b32encode
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from asyncpg import Connection
from pyotp import TOTP

from service import mistakes, sealing, vault
from service.house import House
from service.mistakes import Kind
from service.sealing import Pepper
from service.storage import second_factors

STEP = 30  # seconds
DRIFT = 1  # steps: clocks of phones go a little wrong
SECRET_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_LENGTH = 10
ISSUER = "Stemlokaal"


class Shown(StrEnum):
    """What becomes of a code that somebody shows."""

    RIGHT = "right"
    RECOVERED = "recovered"  # right, and of the recovery codes, of which it was one
    WRONG = "wrong"
    USED = "used"
    OFTEN = "often"  # wrong too often to look at another one now


def new_secret(house: House) -> str:
    return b32encode(house.entropy.randbytes(SECRET_BYTES)).decode()


def address(secret: str, email: str) -> str:
    """What the QR code holds."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def seal(pepper: Pepper, account_id: UUID, secret: str) -> bytes:
    return vault.lock(pepper, secret.encode(), *purpose(account_id))


def opened(pepper: Pepper, account_id: UUID, sealed: bytes) -> str | None:
    """The secret; None where it was sealed by nobody, or for somebody else."""
    return decoded(vault.unlock(pepper, sealed, *purpose(account_id)))


def purpose(account_id: UUID) -> tuple[bytes, ...]:
    return b"second factor", account_id.bytes


def offer(pepper: Pepper, account_id: UUID, secret: str, instead_of: bytes) -> str:
    """A secret as it waits in a form for its first code. It takes the place of nothing but what
    was there when it was offered, b"" where there was nothing."""
    return vault.lock(pepper, secret.encode(), b"offer", account_id.bytes, instead_of).hex()


def accepted(pepper: Pepper, account_id: UUID, offered: str, instead_of: bytes) -> str | None:
    if not is_hex(offered):
        return None
    offered_for = (b"offer", account_id.bytes, instead_of)
    return decoded(vault.unlock(pepper, bytes.fromhex(offered), *offered_for))


def decoded(secret: bytes | None) -> str | None:
    return secret.decode() if secret is not None else None


def is_hex(text: str) -> bool:
    return len(text) % 2 == 0 and set(text) <= set("0123456789abcdef")


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """The half-minute whose code this is; None where it is none of about now."""
    code, totp, present = digits_of(typed), TOTP(secret), int(now.timestamp()) // STEP
    near = range(present - DRIFT, present + DRIFT + 1)
    found = [step for step in near if hmac.compare_digest(totp.generate_otp(step), code)]
    return found[-1] if found else None


def digits_of(typed: str) -> str:
    return "".join(sign for sign in typed if sign in "0123456789")


def code_now(secret: str, now: datetime) -> str:
    return TOTP(secret).at(now)


async def show(house: House, account_id: UUID, typed: str) -> Shown:
    """A code of the app, or one of the recovery codes; either opens once.

    It counts as wrong before it is looked at: many at the same time try no more than five.
    """
    who = str(account_id)
    if await mistakes.add(house, Kind.CODE, who) > mistakes.MOST_CODES:
        return Shown.OFTEN
    async with house.pool.acquire() as connection, connection.transaction():
        found = await looked_at(house, connection, account_id, typed)
    if found in (Shown.RIGHT, Shown.RECOVERED):
        await mistakes.forget(house, Kind.CODE, who)
    return found


async def looked_at(house: House, connection: Connection, account_id: UUID, typed: str) -> Shown:
    factor = await second_factors.get(connection, account_id)
    secret = opened(house.pepper, account_id, factor.sealed) if factor else None
    if secret is None:
        return Shown.WRONG
    step = step_of(secret, typed, house.clock())
    if step is not None:
        fresh = await second_factors.use_step(connection, account_id, step)
        return Shown.RIGHT if fresh else Shown.USED
    symbols = sealing.forgiven(typed)
    if len(symbols) == RECOVERY_LENGTH and await second_factors.use_code(
        connection, account_id, house.pepper.of_recovery_code(account_id, symbols)
    ):
        return Shown.RECOVERED
    return Shown.WRONG


async def new_recovery_codes(house: House, connection: Connection, account_id: UUID) -> list[str]:
    """Known now and never again; those from before open nothing any more."""
    codes = [sealing.new_symbols(house.entropy, RECOVERY_LENGTH) for _ in range(RECOVERY_CODES)]
    hashes = [house.pepper.of_recovery_code(account_id, code) for code in codes]
    await second_factors.replace_codes(connection, account_id, hashes)
    return codes


async def present_code(house: House, connection: Connection, account_id: UUID) -> str:
    """What the app would show now, or next where that was used: for the demo, which has no app.

    "" where the next was used as well: then it takes half a minute.
    """
    factor = await second_factors.get(connection, account_id)
    secret = opened(house.pepper, account_id, factor.sealed) if factor else None
    if factor is None or secret is None:
        return ""
    present = int(house.clock().timestamp()) // STEP
    step = max(present, factor.last_step + 1)
    return TOTP(secret).generate_otp(step) if step <= present + DRIFT else ""
