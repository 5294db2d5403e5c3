"""Of the network: the mail server, and the address that students open, as they meet it."""

import http.client
import smtplib
import socket
import ssl
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from service import headers, wires
from service.findings import Finding, broken, look, well
from service.mail import MailServer, NoTLS
from service.settings import Settings
from service.wires import is_here

MAIL, ADDRESS, TLS, HEADERS = "Mail", "Address", "TLS", "Headers"
WIRE, FIGURES, PROXIES = "The wire to the database", "Figures", "Proxies"

PATIENCE = 10.0  # seconds
SOON = 14 * 86400  # seconds until a certificate ends
ALIVE = b"alive\n"
TEST = "This is a test of Stemlokaal's mail. You need not do anything."


class Reply(Struct, frozen=True):
    status: int
    headers: Mapping[str, str]
    body: bytes
    certificate_ends: float | None  # seconds since 1970


def mail(settings: Settings, to: str | None) -> list[Finding]:
    """A conversation with the mail server as for a real mail; with `to` one is sent."""
    if settings.smtp is None:
        if to is None:
            return [well(MAIL, "no server is set; every link can be copied")]
        return [broken(MAIL, "no server is set", "set STEMLOKAAL_SMTP and STEMLOKAAL_MAIL_FROM")]
    server = MailServer(settings.smtp, settings.mail_from)
    host = str(urlsplit(settings.smtp).hostname)
    try:
        with server.conversation() as conversation:
            hidden = isinstance(conversation.sock, ssl.SSLSocket)
            conversation.noop()
        if to:
            server.hand_over(to, "Stemlokaal: test", TEST)
    except smtplib.SMTPAuthenticationError:
        to_do = "look at user and password in STEMLOKAAL_SMTP"
        return [broken(MAIL, f"{host} does not let us sign in", to_do)]
    except (smtplib.SMTPSenderRefused, smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError):
        to_do = "ask its administrator whether it takes mail from STEMLOKAAL_MAIL_FROM"
        return [broken(MAIL, f"{host} refused the mail from {settings.mail_from}", to_do)]
    except NoTLS:
        to_do = (
            "use a port with TLS, such as 587, or smtps://; or smtp+plain://, where the network "
            "between is for these machines alone"
        )
        return [broken(MAIL, f"{host} offers no TLS, so it gets no mail", to_do)]
    except ssl.SSLError:
        to_do = "its certificate has to be of the name in STEMLOKAAL_SMTP, and known here"
        return [broken(MAIL, f"{host} speaks no TLS that we trust", to_do)]
    except (OSError, smtplib.SMTPException) as error:
        to_do = "look at name and port in STEMLOKAAL_SMTP, and at the firewall"
        return [broken(MAIL, f"{host} does not answer ({type(error).__name__})", to_do)]
    if not (hidden or is_here(host)):
        to_do = "take smtp:// if the network between is not for these machines alone"
        return [look(MAIL, f"{host} gets its mail in the clear, as smtp+plain:// says", to_do)]
    return [well(MAIL, f"{host} took a mail to {to}" if to else f"{host} lets us sign in")]


def database(settings: Settings) -> list[Finding]:
    """Of one on another machine: whether what goes to it can be read on the way."""
    address = settings.database
    if address is None or wires.database_is_here(address):
        return []
    if wires.sslmode(address) == wires.CLEAR:
        to_do = "take sslmode=verify-full if the network between is not for these machines alone"
        return [look(WIRE, "all goes to it in the clear, as sslmode=disable says", to_do)]
    return [well(WIRE, f"under TLS, by sslmode={wires.sslmode(address)}")]


def address(settings: Settings) -> list[Finding]:
    """Whether a browser reaches us there; TLS and headers where it does."""
    try:
        reply = asked(settings.url, "/health/live")
        page, figures = asked(settings.url, "/signin"), asked(settings.url, "/metrics")
    except ssl.SSLError as error:
        why = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else "no TLS"
        said = f"browsers do not take the certificate of {settings.url}: {why}"
        return [broken(TLS, said, "renew it; with Caddy: the name has to lead to this machine")]
    except (OSError, http.client.HTTPException) as error:
        to_do = "is stemlokaal serve running, and does the name lead to it from here?"
        return [look(ADDRESS, f"{settings.url} does not answer ({type(error).__name__})", to_do)]
    if (reply.status, reply.body) != (200, ALIVE):
        to_do = "let the proxy pass everything on to STEMLOKAAL_HOST and STEMLOKAAL_PORT"
        return [broken(ADDRESS, f"something else answers at {settings.url}", to_do)]
    return [
        well(ADDRESS, f"{settings.url} answers"),
        *certificate(reply),
        whole(settings, page),
        closed(settings, figures),
    ]


def certificate(reply: Reply) -> list[Finding]:
    if reply.certificate_ends is None:
        return []
    left = reply.certificate_ends - time.time()
    said = f"the certificate holds for {left / 86400:.0f} more days"
    if left < SOON:
        return [look(TLS, said, "see to it that it is renewed")]
    return [well(TLS, said)]


def whole(settings: Settings, page: Reply) -> Finding:
    """A proxy may take headers away, or put others in their place."""
    wanted = headers.shell(secure=settings.secure)
    other = [name for name, value in wanted.items() if page.headers.get(name.lower()) != value]
    if other:
        to_do = "let the proxy leave the headers of the service as they are"
        return broken(HEADERS, f"the proxy changes {', '.join(other)}", to_do)
    return well(HEADERS, "they arrive as they were sent")


def closed(settings: Settings, figures: Reply) -> Finding:
    if figures.status == 200 and not is_here(str(urlsplit(settings.url).hostname)):
        to_do = "let the proxy set X-Forwarded-For, or not pass /metrics on"
        return broken(FIGURES, "everybody can read /metrics", to_do)
    return well(FIGURES, "/metrics is for this machine alone")


def proxies(settings: Settings) -> Finding:
    if settings.proxies:
        return well(PROXIES, f"{', '.join(settings.proxies)} may say where a visitor comes from")
    if settings.secure:
        return look(
            PROXIES,
            "every visitor seems to come from the proxy, so one who guesses codes slows all down",
            "set STEMLOKAAL_TRUSTED_PROXIES to the proxy's address",
        )
    return well(PROXIES, "none, and none is needed without TLS")


def asked(url: str, path: str) -> Reply:
    parts = urlsplit(url)
    host, port = str(parts.hostname), parts.port
    connection = (
        http.client.HTTPSConnection(
            host, port, timeout=PATIENCE, context=ssl.create_default_context()
        )
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=PATIENCE)
    )
    try:
        connection.request("GET", path, headers={"Accept-Language": "en"})
        ends = certificate_ends(connection.sock)
        reply = connection.getresponse()
        names = {name.lower(): value for name, value in reply.getheaders()}
        return Reply(reply.status, names, reply.read(65536), ends)
    finally:
        connection.close()


def certificate_ends(line: socket.socket) -> float | None:
    if not isinstance(line, ssl.SSLSocket):
        return None
    found = line.getpeercert() or {}
    return float(ssl.cert_time_to_seconds(str(found["notAfter"])))
