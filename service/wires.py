"""Wires to other machines: under TLS, with somebody whose certificate was looked at.

In the clear only where whoever runs it says so. Nothing falls back to that by itself: somebody on
the wire could make it do so, by swallowing the offer of TLS.
"""

from urllib.parse import parse_qs, unquote, urlsplit

HERE = ("127.0.0.1", "::1", "localhost")
CHECKED = ("verify-full", "verify-ca")  # of PostgreSQL's words, those that look at a certificate
CLEAR = "disable"


def is_here(host: str) -> bool:
    return host in HERE


def database_is_here(address: str) -> bool:
    """On this machine: by a loopback, by a socket's folder, or by no name at all."""
    return all(is_here(host) or host.startswith("/") for host in hosts(address))


def hosts(address: str) -> list[str]:
    """Of a database's address, which may name several, also behind its question mark."""
    parts = urlsplit(address)
    named = [parts.netloc.rpartition("@")[2], *parse_qs(parts.query).get("host", [])]
    split = [unquote(each) for text in named for each in text.split(",")]
    return [each if each.startswith("/") else host_of(each) for each in split if each]


def host_of(place: str) -> str:
    return urlsplit(f"//{place}").hostname or ""


def sslmode(address: str) -> str:
    return parameter(address, "sslmode")


def parameter(address: str, name: str) -> str:
    """What stands behind the question mark of a database's address; empty if it does not."""
    return parse_qs(urlsplit(address).query).get(name, [""])[-1]


def place(address: str) -> tuple[str, int]:
    """Host and port of a database on another machine; of several the first."""
    parts = urlsplit(address)
    first = parts.netloc.rpartition("@")[2].split(",")[0]
    given = parse_qs(parts.query)
    port = urlsplit(f"//{first}").port or int(given.get("port", ["5432"])[-1].split(",")[0])
    return hosts(address)[0], port
