"""Simulated students for the demo: they open the page and send a form over HTTP, as phones do."""

import asyncio
import random
import re
from collections.abc import Mapping, Sequence
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from surveys.instrument import Instrument, Item

WITHIN = 15.0  # seconds, so that a class has answered in twenty
LIKELY = 0.7  # positive answers where nothing else is said
SKIPPED = 0.05
NONCE = re.compile(rb'name="nonce"\s+value="([0-9a-f]+)"')


async def students_answer(addresses: Sequence[str], instrument: Instrument) -> None:
    """One student at each of these addresses, which may be the same."""
    chance = random.SystemRandom()
    await asyncio.gather(
        *(
            answer_after(chance.uniform(0, WITHIN), address, form_of(instrument, {}, chance))
            for address in addresses
        )
    )


async def answer_after(pause: float, address: str, form: dict[str, str]) -> None:
    await asyncio.sleep(pause)
    await asyncio.to_thread(answer, address, form)


def answer(address: str, form: dict[str, str]) -> None:
    """One student; whoever comes when the round is full or closed goes away again."""
    try:
        with urlopen(address, timeout=10) as page:  # noqa: S310  our own address
            nonce = NONCE.search(page.read())
        if nonce is None:
            return
        body = urlencode(form | {"nonce": nonce[1].decode()}).encode()
        with urlopen(Request(address, data=body), timeout=10) as page:  # noqa: S310
            page.read()
    except HTTPError as refusal:
        refusal.close()


def form_of(
    instrument: Instrument, likely: Mapping[str, float], random: random.Random
) -> dict[str, str]:
    """A student's form; `likely` is the chance of a positive answer by item id."""
    return {
        item.id: str(choice_of(instrument, item, likely.get(item.id, LIKELY), random))
        for item in instrument.closed
        if random.random() > SKIPPED
    }


def choice_of(instrument: Instrument, item: Item, likely: float, random: random.Random) -> int:
    positive, negative = instrument.positive(item), instrument.negative(item)
    between = [value for value in instrument.of(item).values if value not in positive | negative]
    if random.random() < likely:
        return random.choice(sorted(positive))
    if between and random.random() < 0.5:
        return random.choice(between)
    return random.choice(sorted(negative))
