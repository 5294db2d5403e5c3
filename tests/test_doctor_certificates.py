"""The doctor, on the certificates by which a service and its database know each other."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from service import doctor_certificates, settings
from service.findings import Finding, Mark
from tests.test_embedded import only_root
from tests.test_wires import ELSEWHERE

OK, LOOK, BROKEN = Mark.OK, Mark.LOOK, Mark.BROKEN
OURS, THEIRS = "Our certificate", "The database's authority"
ELSE = f"postgresql://stem@{ELSEWHERE}/stemlokaal?sslmode=verify-full"


def found(address: str) -> dict[str, Finding]:
    told = settings.read({"STEMLOKAAL_DATABASE": address})
    return {each.of: each for each in doctor_certificates.examined(told)}


@pytest.fixture
def address(tmp_path: Path) -> str:
    """All is well; each test puts something else in the place of a file."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    own = authority.issue_cert(common_name="stem")
    own.cert_chain_pems[0].write_to_path(str(tmp_path / "own.pem"))
    own.private_key_pem.write_to_path(str(tmp_path / "own.key"))
    (tmp_path / "own.key").chmod(0o600)
    files = {"sslrootcert": "authority.pem", "sslcert": "own.pem", "sslkey": "own.key"}
    return ELSE + "".join(f"&{name}={tmp_path / file}" for name, file in files.items())


def ending(days: float) -> bytes:
    ends = datetime.now(UTC) + timedelta(days=days)
    began = ends - timedelta(days=700)
    made = trustme.CA().issue_cert(common_name="stem", not_before=began, not_after=ends)
    return made.cert_chain_pems[0].bytes()


def test_certificates_that_hold_are_well_and_say_until_when(address: str) -> None:
    told = found(address)
    assert [each.mark for each in told.values()] == [OK, OK, OK]
    assert "holds until " in told[OURS].said
    assert "holds until 3" in told[THEIRS].said  # the year 3000


@pytest.mark.parametrize(("of", "file"), [(OURS, "own.pem"), (THEIRS, "authority.pem")])
@pytest.mark.parametrize(("days", "mark"), [(31, OK), (29, LOOK), (0.1, LOOK), (-0.1, BROKEN)])
def test_one_that_ends_is_told_a_month_before_and_is_broken_after(
    address: str, tmp_path: Path, of: str, file: str, days: float, mark: Mark
) -> None:
    (tmp_path / file).write_bytes(ending(days))
    told = found(address)
    assert told[of].mark is mark
    assert {each.mark for name, each in told.items() if name != of} == {OK}


def test_the_next_authority_may_stand_beside_the_one_that_ends(
    address: str, tmp_path: Path
) -> None:
    (tmp_path / "authority.pem").write_bytes(ending(-1) + ending(300))
    assert found(address)[THEIRS].mark is OK


def test_one_that_ends_before_whoever_signed_it_counts(address: str, tmp_path: Path) -> None:
    (tmp_path / "own.pem").write_bytes(ending(3) + ending(300))
    assert found(address)[OURS].mark is LOOK


def test_what_is_not_there_or_is_something_else_is_broken(address: str, tmp_path: Path) -> None:
    (tmp_path / "own.pem").write_text("nothing that looks like one")
    assert found(address)[OURS].mark is BROKEN
    (tmp_path / "own.pem").unlink()
    assert "is not there" in found(address)[OURS].said


def test_a_key_that_others_may_read_is_told(address: str, tmp_path: Path) -> None:
    (tmp_path / "own.key").chmod(0o640)
    told = found(address)["Known to the database"]
    assert (told.mark, told.to_do) == (LOOK, f"chmod 600 {tmp_path / 'own.key'}")


def test_a_password_is_told_where_the_database_is_on_another_machine(address: str) -> None:
    by_password = address.partition("&sslcert")[0].replace("stem@", "stem:a-secret@")
    told = found(by_password)["Known to the database"]
    assert (told.mark, "a-secret" in str(told)) == (LOOK, False)
    assert "a certificate is better" in told.to_do
    assert found(f"postgresql://stem:a-secret@{ELSEWHERE}/stem?sslmode=disable").keys() == {
        "Known to the database"
    }
    for here in "postgresql://stem:secret@localhost/stem", "postgresql://stem@/stem?host=/run":
        assert found(here) == {}


LOOKING = """
import os, sys
from service import doctor_certificates, settings
os.setgroups([])
os.setuid(int(sys.argv[2]))
told = settings.read({"STEMLOKAAL_DATABASE": sys.argv[1]})
for each in doctor_certificates.examined(told):
    print(each)
"""


@only_root
def test_a_folder_that_is_closed_to_whoever_looks_is_told(address: str, tmp_path: Path) -> None:
    words = [sys.executable, "-c", LOOKING, address, str(65534)]
    environment = {**os.environ, "STEMLOKAAL_DATA": str(tmp_path)}
    done = subprocess.run(words, capture_output=True, check=True, text=True, env=environment)
    assert done.stdout.startswith("broken        Files: ")
    assert "is closed to whoever runs this" in done.stdout
