"""Of a database on another machine: by what the service is known there, and how long that holds."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificates

from service import wires
from service.conduit import ROOT
from service.doctor_files import closed_to_us, loose
from service.findings import Finding, broken, look, well
from service.settings import Settings

KNOWN, OURS, THEIRS = "Known to the database", "Our certificate", "The database's authority"
SOON = timedelta(days=30)
RENEW = "make others: see 'Your own PostgreSQL' or 'With containers' in the help"


def examined(settings: Settings) -> list[Finding]:
    address = settings.database
    if address is None or wires.database_is_here(address):
        return []
    try:
        return found(address)
    except PermissionError as error:
        return [closed_to_us(error)]


def found(address: str) -> list[Finding]:
    own, key = wires.parameter(address, "sslcert"), wires.parameter(address, "sslkey")
    if not own:
        to_do = "a certificate is better: see 'Your own PostgreSQL' in the help"
        told = [look(KNOWN, "by a password, which does not change by itself", to_do)]
    else:
        told = [known(own, key), holding(OURS, Path(own), min)]
    if wires.sslmode(address) in wires.CHECKED:
        root = wires.parameter(address, "sslrootcert") or ROOT
        told.append(holding(THEIRS, Path(root).expanduser(), max))
    return told


def known(own: str, key: str) -> Finding:
    """`key` may be in the file of the certificate."""
    file = Path(key or own)
    if file.exists() and loose(file):
        return look(KNOWN, f"others may read {file}", f"chmod 600 {file}")
    return well(KNOWN, f"by a certificate, {own}")


def holding(of: str, file: Path, counts: Callable[[Iterable[datetime]], datetime]) -> Finding:
    """Of several in a file the first to end counts for us, who show them all; of authorities the
    last, for the next one may stand beside the one that ends."""
    try:
        certificates = load_pem_x509_certificates(file.read_bytes())
    except FileNotFoundError:
        return broken(of, f"{file} is not there", "put it back, or mend STEMLOKAAL_DATABASE")
    except ValueError:
        return broken(of, f"{file} holds no certificate", "put the right one in its place")
    ends = counts(each.not_valid_after_utc for each in certificates)
    left = ends - datetime.now(UTC)
    said = f"{file} holds until {ends:%Y-%m-%d}"
    if left < timedelta(0):
        return broken(of, f"{file} ended on {ends:%Y-%m-%d}", RENEW)
    return look(of, f"{said}: {left.days} more days", RENEW) if left < SOON else well(of, said)
