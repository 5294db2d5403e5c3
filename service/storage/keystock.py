"""The stock of public keys that a keeper holds the other half of."""

from asyncpg import Connection
from msgspec import Struct


class StockKey(Struct, frozen=True):
    """A public key, with the HMAC that shows that it is a keeper's."""

    public_key: bytes
    mac: bytes


async def take(connection: Connection) -> StockKey | None:
    """A key that no round had before; None when the keeper has fallen behind."""
    row = await connection.fetchrow(
        """
        delete from key_stock
        where public_key = (
            select public_key from key_stock limit 1 for update skip locked
        )
        returning public_key, mac
        """
    )
    return StockKey(**row) if row else None
