"""What a response costs in storage: in the database after closing, and in the log on its way."""

import asyncio
import json

import asyncpg

from tests.bench._answered import ANSWERS, answered_rounds, stop
from tests.bench._serving import connected, serving

ROUNDS = 400


def main() -> None:
    kept, wal = asyncio.run(measured())
    print(f"{ROUNDS * ANSWERS} responses in {ROUNDS} rounds, opened, answered and closed")
    print(f"{'kept in the database':<24}{kept:>8.0f} bytes each")
    print(f"{'written to the log':<24}{wal:>8.0f} bytes each")
    print(json.dumps({"kept_bytes": round(kept, 1), "wal_bytes": round(wal, 1)}))


async def measured() -> tuple[float, float]:
    async with serving() as machine, machine.inside() as service:
        connection = await connected(machine)
        size, log = await sizes(connection)
        await stop(service, await answered_rounds(service, ROUNDS))
        await connection.execute("select pg_notify('due', '')")
        while await connection.fetchval("select exists (select from code where due notnull)"):
            await asyncio.sleep(0.1)
        # What envelopes leave free is used again; here it is given back, to see what is kept.
        _, log_after = await sizes(connection)
        await connection.execute("vacuum full")
        size_after, _ = await sizes(connection)
        await connection.close()
    responses = ROUNDS * ANSWERS
    return (size_after - size) / responses, (log_after - log) / responses


async def sizes(connection: asyncpg.Connection) -> tuple[int, int]:
    row = await connection.fetchrow(
        """
        select pg_database_size(current_database()) as size,
               pg_current_wal_insert_lsn() - '0/0'::pg_lsn as log
        """
    )
    return int(row["size"]), int(row["log"])
