"""Passwords: kept as argon2id, and refused where anybody would try them first."""

import asyncio
import re
from collections.abc import Iterable, Mapping

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn_rs_py import zxcvbn

SHORTEST = 12
LONGEST = 128  # a megabyte would keep a core busy
LEAST_LEFT = 5  # letters beside what everybody knows of this person
FEWEST_GUESSES = 8  # as a power of ten; what zxcvbn calls "safely unguessable" without a breach

# What is tried first at this service, and in the world's lists stands too far down.
TRIED_HERE = ("stemlokaal", "wachtwoord", "welkom", "school", "docent", "leerling", "klas")

# OWASP's second choice for argon2id: 19 MiB, two passes; 31 ms of one core here.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
MOST_AT_ONCE = 2
AT_ONCE = asyncio.Semaphore(MOST_AT_ONCE)
NOBODY = HASHER.hash("a password that nobody has")


async def hashed(password: str) -> str:
    async with AT_ONCE:
        return await asyncio.to_thread(HASHER.hash, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """As slow for an address without an account, so that time does not tell who has one."""
    async with AT_ONCE:
        right = await asyncio.to_thread(verified, password_hash or NOBODY, password[: LONGEST + 1])
    return right and password_hash is not None


def verified(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other figures than those that hold now."""
    return HASHER.check_needs_rehash(password_hash)


def problems(form: Mapping[str, str], *known: str) -> dict[str, str]:
    """What is wrong with a password that is chosen; `known` is what everybody knows of the person:
    a name, an e-mail address, a school."""
    password, own = form.get("password", ""), words_of(known)
    if len(password) < SHORTEST:
        return {"password": "short"}
    if len(password) > LONGEST:
        return {"password": "long"}
    if len(letters_beside(password, own)) < LEAST_LEFT and any(
        word in folded(password) for word in own
    ):
        return {"password": "own"}
    if zxcvbn(password, [*TRIED_HERE, *sorted(own)]).guesses_log10 < FEWEST_GUESSES:
        return {"password": "common"}
    return {}


def words_of(known: Iterable[str]) -> set[str]:
    """Each word of three letters or more, and each text without its spaces and signs."""
    texts = [text.partition("@")[0] for text in known] + [text.partition("@")[2] for text in known]
    words = {folded(word) for text in texts for word in [text, *re.split(r"[\W_]+", text)]}
    return {word for word in words if len(word) >= 3}


def letters_beside(password: str, own: Iterable[str]) -> str:
    rest = folded(password)
    for word in sorted(own, key=len, reverse=True):
        rest = rest.replace(word, "")
    return re.sub(r"\d", "", rest)


def folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
