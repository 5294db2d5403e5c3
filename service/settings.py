"""The environment becomes one frozen Settings; a missing or wrong value stops the start."""

import os
import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from service import wires

HOME = Path("~/.local/share/stemlokaal")
HOME_OF_ROOT = Path("/var/lib/stemlokaal")  # the database's own user may not enter /root
MAIL_SERVER = re.compile(r"smtp(?:s|\+plain)?://([^@/\s]+@)?[\w.-]+(:[0-9]{1,5})?/?")
ADDRESS = re.compile(r"https?://([\w.-]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?/?")


class WrongSetting(Exception):
    """Names the variable, what is wrong with it and what would be right."""


class Settings(Struct, frozen=True):
    """Where things are. `database` is None for the embedded PostgreSQL under `data`."""

    url: str
    host: str
    port: int
    database: str | None
    data: Path
    keys: tuple[Path, ...]
    pepper: Path
    zone: ZoneInfo
    smtp: str | None = None
    mail_from: str = ""
    proxies: tuple[str, ...] = ()
    demo: bool = False
    loopback_providers: bool = False  # for tests, which run one on this machine: by no variable

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over TLS."""
        return self.url.startswith("https://")

    @property
    def address(self) -> str:
        """The address as people type it: without the scheme."""
        return self.url.split("://", 1)[1]


def read(environment: Mapping[str, str], *, demo: bool = False) -> Settings:
    home = HOME_OF_ROOT if os.geteuid() == 0 else HOME.expanduser()
    home = home / "demo" if demo else home
    data = whole("STEMLOKAAL_DATA", environment.get("STEMLOKAAL_DATA", str(home / "data")))
    # Where only the data has a place of its own, the rest stays beside it, never inside it.
    beside = data.parent if "STEMLOKAAL_DATA" in environment else home
    keys = environment.get("STEMLOKAAL_KEYS", str(beside / "keys")).split(":")
    pepper = environment.get("STEMLOKAAL_PEPPER", str(beside / "pepper"))
    host = environment.get("STEMLOKAAL_HOST", "127.0.0.1")
    port = number(environment, "STEMLOKAAL_PORT", 8400)
    settings = Settings(
        url=url(environment.get("STEMLOKAAL_URL", f"http://{host}:{port}")),
        host=host,
        port=port,
        database=None if demo else database(secret(environment, "STEMLOKAAL_DATABASE")),
        data=data,
        keys=tuple(whole("STEMLOKAAL_KEYS", folder) for folder in keys),
        pepper=whole("STEMLOKAAL_PEPPER", pepper),
        zone=zone(environment.get("STEMLOKAAL_TIMEZONE", "Europe/Amsterdam")),
        smtp=None if demo else smtp(secret(environment, "STEMLOKAAL_SMTP") or None),
        mail_from=environment.get("STEMLOKAAL_MAIL_FROM", ""),
        proxies=proxies(environment.get("STEMLOKAAL_TRUSTED_PROXIES", "")),
        demo=demo,
    )
    check_tls(settings)
    if settings.database and not wires.hosts(settings.database) and "PGHOST" in environment:
        raise WrongSetting("STEMLOKAAL_DATABASE must name the machine itself; PGHOST is not heard")
    if settings.smtp and "@" not in settings.mail_from:
        raise WrongSetting(
            "STEMLOKAAL_MAIL_FROM must be the address that mails come from, such as "
            "stemlokaal@school.nl, where STEMLOKAAL_SMTP is set"
        )
    check_apart(settings)
    return settings


def secret(environment: Mapping[str, str], name: str) -> str | None:
    """A value that holds a password: itself, or with _FILE behind its name the file it is in."""
    file = environment.get(f"{name}_FILE")
    if file is None:
        return environment.get(name)
    if name in environment:
        raise WrongSetting(f"{name} and {name}_FILE are both set; which of them counts?")
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise WrongSetting(f"{name}_FILE is {file!r}, which cannot be read") from error


def whole(name: str, value: str) -> Path:
    if not Path(value).is_absolute():
        raise WrongSetting(f"{name} is {value!r}; it must be a whole path, such as /srv/stem")
    return Path(value)


def number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, str(default))
    if not re.fullmatch("[0-9]{1,5}", value) or not 0 < int(value) < 65536:
        raise WrongSetting(f"{name} is {value!r}; it must be a port number, such as {default}")
    return int(value)


def url(value: str) -> str:
    if not ADDRESS.fullmatch(value):
        raise WrongSetting(
            f"STEMLOKAAL_URL is {value!r}; it must be the address that students open, "
            "such as https://stem.school.nl, without a path"
        )
    return value.rstrip("/")


def database(value: str | None) -> str | None:
    if value is not None and not value.startswith(("postgresql://", "postgres://")):
        raise WrongSetting(
            "STEMLOKAAL_DATABASE must be an address of PostgreSQL 15 or newer, such as "
            "postgresql://user:password@host/stemlokaal"
        )
    if value is not None:
        check_wire(value)
    return value


def check_wire(address: str) -> None:
    """Without a word PostgreSQL's clients take TLS from anybody, and do without where it is not
    offered. The address itself is not repeated: it may hold a password."""
    try:
        fine = wires.database_is_here(address) or (
            wires.sslmode(address) in (*wires.CHECKED, wires.CLEAR)
        )
    except ValueError as error:
        raise WrongSetting("STEMLOKAAL_DATABASE is an address that cannot be read") from error
    if not fine:
        raise WrongSetting(
            "STEMLOKAAL_DATABASE is on another machine. Put behind its address "
            "?sslmode=verify-full&sslrootcert=FILE&sslcert=FILE&sslkey=FILE: the certificate of "
            "whoever signed the server's, and the service's own with its key (the help for whoever "
            "runs it makes them); or ?sslmode=disable, where the network between is for these "
            "machines alone"
        )


def smtp(value: str | None) -> str | None:
    if value is not None and not MAIL_SERVER.fullmatch(value):
        raise WrongSetting(
            "STEMLOKAAL_SMTP must be the address of a mail server, such as "
            "smtp://user:password@mail.school.nl:587"
        )
    return value


def proxies(value: str) -> tuple[str, ...]:
    """Addresses or networks whose word is taken for where a visitor comes from."""
    found = tuple(value.replace(",", " ").split())
    for each in found:
        try:
            ip_network(each)
        except ValueError as error:
            raise WrongSetting(
                f"STEMLOKAAL_TRUSTED_PROXIES holds {each!r}; it must be addresses or networks of "
                "your own proxies, such as 10.0.0.2 or 10.0.0.0/24"
            ) from error
    return found


def zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise WrongSetting(
            f"STEMLOKAAL_TIMEZONE is {value!r}; it must be a time zone, such as Europe/Amsterdam"
        ) from error


def check_tls(settings: Settings) -> None:
    """An answer that travels in the clear is read by whoever is on the same network."""
    here = urlsplit(settings.url).hostname in ("127.0.0.1", "::1", "localhost")
    if not (settings.secure or here or settings.demo):
        raise WrongSetting(
            f"STEMLOKAAL_URL is {settings.url!r}; it must begin with https://, by a proxy that "
            "speaks TLS. Without it there is only this machine, such as http://127.0.0.1:8400"
        )


def check_apart(settings: Settings) -> None:
    """Whoever copies the data must not copy what opens it."""
    for secret in (*settings.keys, settings.pepper):
        if secret.resolve().is_relative_to(settings.data.resolve()):
            name = "STEMLOKAAL_PEPPER" if secret == settings.pepper else "STEMLOKAAL_KEYS"
            raise WrongSetting(
                f"{name} is inside STEMLOKAAL_DATA ({settings.data}); keys and pepper must be "
                "outside it, or a copy of the data could be opened"
            )
