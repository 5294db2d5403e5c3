"""A phone with an app for codes: how somebody sets it up, and what it shows."""

import asyncio
import re
import time
from datetime import datetime, timedelta

import httpx
import pyotp

OFFERED = re.compile(r'name="offered" value="([0-9a-f]+)"')
KEY = re.compile(r"<code>((?:[A-Z2-7]{4} ?){8})</code>")
STEP = 30  # seconds
SHOWN: dict[str, int] = {}  # the half-minute of the last code of each secret
CODE = re.compile(r"<li><code>([0-9A-Z]{5} [0-9A-Z]{5})</code>")


def shows(secret: str, now: datetime) -> str:
    return pyotp.TOTP(secret).at(now)


async def fresh_code(secret: str) -> str:
    """A code of real time that was not shown before, of the next half-minute at the latest."""
    step = max(int(time.time()) // STEP, SHOWN.get(secret, 0) + 1)
    while step > int(time.time()) // STEP + 1:
        await asyncio.sleep(0.5)
    SHOWN[secret] = step
    return pyotp.TOTP(secret).generate_otp(step)


def seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


def offered(page: httpx.Response) -> dict[str, str]:
    """The form that waits for the first code; its key under `secret`, which nobody posts."""
    form, key = OFFERED.search(page.text), KEY.search(page.text)
    assert form, page.text
    assert key, page.text
    return {"offered": form[1], "secret": key[1].replace(" ", "")}


def recovery_codes(page: httpx.Response) -> list[str]:
    return CODE.findall(page.text)


async def set_up(visitor: httpx.AsyncClient, now: datetime) -> tuple[str, list[str]]:
    """Of who is signed in: the secret on the phone, and the codes on paper."""
    form = offered(await visitor.get("/account/second-factor"))
    secret = form.pop("secret")
    SHOWN[secret] = int(now.timestamp()) // STEP
    done = await visitor.post("/account/second-factor", data={**form, "code": shows(secret, now)})
    assert done.status_code == 200, done.text
    return secret, recovery_codes(done)
