"""Open rounds with their answers sealed in them, for measurements of what comes after."""

from collections.abc import Sequence
from random import Random

from service.app import Service
from service.storage import codes, rounds, tenancy
from surveys.answers import Answers
from surveys.rounds import Round
from tests.bench._schools import school_with_rounds

ANSWERS = 25  # of a class


async def answered_rounds(service: Service, number: int) -> list[Round]:
    service.keeper.stock = number
    await service.keeper.fill_stock()
    opened = await school_with_rounds(service, "School", number)
    random = Random(1)
    for round in opened:
        behind = await service.house.doors.behind(round.code)
        assert behind
        assert behind.seal
        closed = len(behind.instrument.closed)
        words = ("A top of usual length, about the explanation.", "A tip: more time to try.")
        given = [
            Answers(tuple(random.choices((1, 2, 3, 4), k=closed)), words) for _ in range(ANSWERS)
        ]
        await service.house.ingest.hand_in(
            [behind.seal.envelope(each, random.randbytes(16)) for each in given]
        )
    return opened


async def stop(service: Service, opened: Sequence[Round]) -> None:
    """All at once, as at the end of a national lesson; the keeper is not woken yet."""
    house = service.house
    for round in opened:
        async with tenancy.school(house.pool, round.school_id) as connection:
            await rounds.close(connection, round.school_id, round.round_id, house.today())
            await codes.set_due(connection, round.school_id, round.round_id, house.clock())
