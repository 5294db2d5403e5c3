"""Whom a provider speaks of: who comes in, and who does not.

A provider says who somebody is, the school says who works there. So nobody gets in by a provider
alone: there is an invitation for the address that the provider has verified, or the school gives
the role of a teacher, and never another one, to whom the provider says so of.

Who has an account already shows once that it is theirs, by its password. Otherwise whoever sets
up a provider would come into every account of the school, and see results.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from asyncpg import Connection
from msgspec import Struct

from service import joining, passwords, sessions, vault
from service.claims import Person
from service.house import House
from service.storage import accounts, audit, identities, invitations, people, schools
from service.storage.accounts import Account
from service.storage.invitations import Invitation
from service.storage.providers import Provider
from surveys.access import Role
from surveys.deeds import Verb


class Refusal(StrEnum):
    """Why somebody of whom the provider is believed does not come in."""

    NOT_OURS = "not ours"  # of another school, at a provider that many share
    NO_EMAIL = "no email"
    UNVERIFIED = "unverified"
    NOBODY = "nobody"  # without account and invitation
    ENDED = "ended"


class Proof(Struct, frozen=True):
    """What is still to be shown: that the account is theirs. Locked, it waits in the page."""

    provider_id: UUID
    school_id: UUID
    account_id: UUID
    person: Person
    browser: str
    next: str
    until: datetime


async def admit(
    house: House, connection: Connection, provider: Provider, person: Person, language: str
) -> UUID | Account | Refusal:
    """The id of who comes in; an Account where its password is to be shown first.

    Whose access has ended is let in by another invitation, and by nothing that a provider says.
    """
    if not person.is_ours:
        return Refusal.NOT_OURS
    await schools.lock(connection, provider.school_id)  # two tabs make one account
    tied = await identities.tied(connection, provider.school_id, provider.issuer, person.subject)
    if tied and tied.works:
        return tied.account_id
    anew = person.verified and await invited(house, connection, provider, person)
    if tied and tied.ended and not anew:
        return Refusal.ENDED
    if not sessions.EMAIL.match(person.email):
        return Refusal.NO_EMAIL
    if not person.verified:
        return Refusal.UNVERIFIED
    account = await accounts.by_email(connection, person.email)
    member = (
        await people.get(connection, provider.school_id, account.account_id) if account else None
    )
    if member and member.ended_on and not anew:
        return Refusal.ENDED
    if not (member or person.teaches or anew):
        return Refusal.NOBODY
    if account and (tied is None or tied.account_id != account.account_id):
        return account
    return await take_in(house, connection, provider, person, account, language)


async def take_in(
    house: House,
    connection: Connection,
    provider: Provider,
    person: Person,
    account: Account | None,
    language: str,
) -> UUID:
    """Ties them, with every role that they were invited to; as a teacher where the school says so.

    Who is new gets a password that nobody knows.
    """
    found = await invited(house, connection, provider, person)
    works = account and await people.get(connection, provider.school_id, account.account_id)
    if not found and not works:
        found = [as_a_teacher(house, provider, person)]
    account_id = account.account_id if account else house.new_id()
    for invitation in found:
        nobody_knows = await passwords.hashed(house.new_token() + house.new_token())
        account_id = await joining.join(
            house, connection, invitation, account, password_hash=nobody_knows, language=language
        )
        account = await accounts.by_id(connection, account_id)
    await invitations.withdraw_from(connection, provider.school_id, person.email)
    await tie(house, connection, provider, person, account_id)
    return account_id


async def tie(
    house: House, connection: Connection, provider: Provider, person: Person, account_id: UUID
) -> None:
    is_new = await identities.tie(
        connection,
        provider.school_id,
        provider.issuer,
        person.subject,
        account_id,
        house.today(),
    )
    if is_new:
        verb, moment = Verb.IDENTITY_TIED, house.clock()
        await audit.note_of(connection, provider.school_id, account_id, verb, account_id, moment)


async def invited(
    house: House, connection: Connection, provider: Provider, person: Person
) -> list[Invitation]:
    return await invitations.of_person(connection, provider.school_id, person.email, house.today())


def as_a_teacher(house: House, provider: Provider, person: Person) -> Invitation:
    """By the provider's word: as if the school had invited them."""
    return Invitation(
        school_id=provider.school_id,
        invitation_id=house.new_id(),
        email=person.email,
        name=person.name,
        role=Role.TEACHER,
        expires_on=house.today(),
    )


# Showing once that an account is theirs


def locked(house: House, proof: Proof) -> str:
    return vault.lock(house.pepper, msgspec.json.encode(proof), b"proof").hex()


def unlocked(house: House, text: str, browser: str) -> Proof | None:
    """In time, and in the browser that was with the provider."""
    try:
        found = vault.unlock(house.pepper, bytes.fromhex(text), b"proof")
    except ValueError:
        return None
    proof = msgspec.json.decode(found, type=Proof) if found is not None else None
    if proof is None or proof.browser != browser or proof.until <= house.clock():
        return None
    return proof
