"""A PostgreSQL on another machine that knows the service by its certificate, and takes no password:
as `hostssl stemlokaal stemlokaal … cert` in its `pg_hba.conf` says.

The door before it looks at the certificate; the PostgreSQL behind trusts what comes through.
"""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import trustme
from msgspec import Struct

from service import conduit, doctor
from service.findings import Mark
from tests.test_postgresql_elsewhere import (
    Door,
    came_through,
    runs_is_saved_and_restored,
    standing,
)
from tests.test_wires import ELSEWHERE, proved_by

ONE_AT_A_TIME = {"min_size": 1, "max_size": 1}


class Known(Struct, frozen=True):
    """Where the service finds what it shows, and what it asks to be shown."""

    door: Door
    authority: trustme.CA
    port: int
    folder: Path

    @property
    def address(self) -> str:
        return f"{self.without}&sslcert={self.folder}/stem.pem&sslkey={self.folder}/stem.key"

    @property
    def without(self) -> str:
        where = f"postgresql://stem@{ELSEWHERE}:{self.port}/served"
        return f"{where}?sslmode=verify-full&sslrootcert={self.folder}/authority.pem"

    def give(self, authority: trustme.CA, name: str) -> None:
        """Another certificate in the place of the one that is there, each file at once."""
        made = authority.issue_cert(common_name=name)
        for file, content in (
            ("stem.pem", made.cert_chain_pems[0]),
            ("stem.key", made.private_key_pem),
        ):
            content.write_to_path(str(self.folder / f"{file}.new"))
            (self.folder / f"{file}.new").chmod(0o600)
            (self.folder / f"{file}.new").replace(self.folder / file)


@pytest.fixture
async def known(place: Path) -> AsyncIterator[Known]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(place / "authority.pem"))
    tls = proved_by(authority)
    tls.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(tls)
    async with standing(place, tls, "local all stem trust") as (door, port):
        found = Known(door, authority, port, place)
        found.give(authority, "stem")
        yield found


async def test_the_service_runs_is_saved_and_restored_by_its_certificate_alone(
    known: Known, place: Path
) -> None:
    await runs_is_saved_and_restored(known.door, known.address, place)
    assert len(known.door.shown) == known.door.hidden


async def test_nobody_gets_in_without_one_or_by_that_of_another_authority_or_name(
    known: Known,
) -> None:
    """Neither the service nor PostgreSQL's programs."""
    for authority, name, comes in (
        (known.authority, "stem", True),
        (trustme.CA(), "stem", False),
        (known.authority, "another", False),
    ):
        known.give(authority, name)
        assert await comes_in(known.address) == (comes, comes)
    known.give(known.authority, "stem")
    assert await comes_in(known.without) == (False, False)


async def comes_in(address: str) -> tuple[bool, bool]:
    async with conduit.reachable(address) as near:
        return await came_through(address), await came_through(near)


async def test_one_that_is_replaced_is_shown_by_the_next_connection_of_all_that_run(
    known: Known,
) -> None:
    """By the pool of pages and keeper, and by what PostgreSQL's programs go through."""
    async with (
        asyncpg.create_pool(known.address, **ONE_AT_A_TIME) as pool,
        conduit.reachable(known.address) as near,
    ):
        assert await came_through(near)
        first, again = known.door.shown
        assert first == again
        known.give(known.authority, "stem")
        await pool.expire_connections()
        assert await pool.fetchval("select current_user") == "stem"
        assert await came_through(near)
    assert len(set(known.door.shown)) == 2
    assert known.door.shown[2] == known.door.shown[3] != first


async def test_who_takes_its_name_without_its_key_does_not_get_in(known: Known) -> None:
    """A certificate is for all to read; the key beside it is not."""
    other = known.authority.issue_cert(common_name="stem")
    other.private_key_pem.write_to_path(str(known.folder / "stem.key"))
    assert not await came_through(known.address)
    assert known.door.shown == []


async def test_the_doctor_sees_by_what_the_service_is_known(known: Known) -> None:
    environment = {
        "STEMLOKAAL_DATABASE": known.address,
        "STEMLOKAAL_DATA": str(known.folder / "data"),
    }
    told = {each.of: each async for each in doctor.findings(environment, None)}
    assert told["Known to the database"].said == f"by a certificate, {known.folder}/stem.pem"
    for of in "Database", "The wire to the database", "Our certificate", "The database's authority":
        assert told[of].mark is Mark.OK, of
