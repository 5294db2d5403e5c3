"""A school's client secret at its provider, as it lies locked in the database."""

from uuid import UUID

from service import vault
from service.sealing import Pepper
from service.storage.providers import Provider


def lock(pepper: Pepper, school_id: UUID, provider_id: UUID, secret: str) -> bytes:
    return vault.lock(pepper, secret.encode(), *purpose(school_id, provider_id))


def unlock(pepper: Pepper, provider: Provider) -> str | None:
    """None where another pepper locked it: after a restore without the pepper of the backup."""
    locked_for = purpose(provider.school_id, provider.provider_id)
    found = vault.unlock(pepper, provider.secret, *locked_for)
    return found.decode() if found is not None else None


def purpose(school_id: UUID, provider_id: UUID) -> tuple[bytes, ...]:
    return b"client secret", school_id.bytes, provider_id.bytes
