"""The stock of public keys that a keeper holds the other half of."""

from uuid import UUID

from asyncpg import Connection
from msgspec import Struct


class StockKey(Struct, frozen=True):
    """A public key, the keeper that holds its other half, and the HMAC that shows that one does."""

    public_key: bytes
    mac: bytes
    keeper: UUID


async def take(connection: Connection) -> StockKey | None:
    """A key that no round had before; None when the keeper has fallen behind."""
    row = await connection.fetchrow(
        """
        delete from key_stock
        where public_key = (
            select public_key from key_stock limit 1 for update skip locked
        )
        returning public_key, mac, keeper
        """
    )
    return StockKey(**row) if row else None
