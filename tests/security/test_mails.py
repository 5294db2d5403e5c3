"""What somebody typed is in a mail as words, whatever it looks like."""

import pytest

from service.mail import MailServer
from tests.mailbox import Mailbox

BREAKS = ["\r\n", "\n", "\r", "\r\n\r\n", "\v", "\x1c", "\x85", "\u2028"]


@pytest.mark.parametrize("sign", BREAKS)
async def test_no_name_and_no_address_adds_a_line_to_the_head_of_a_mail(
    mailbox: tuple[Mailbox, str],
    sign: str,
) -> None:
    box, address = mailbox
    server = MailServer(address, "stem@example.org")
    name = f"Het Kompas{sign}Bcc: everybody@example.org"
    assert await server.send("noor@example.org", f"{name} invites you", f"{name}\n")
    [mail] = box.received
    assert set(mail.keys()) >= {"From", "To", "Subject"}
    assert not {"Bcc", "Cc"} & set(mail.keys())
    assert mail["To"] == "noor@example.org"
    box.received.clear()
    await server.send(f"noor@example.org{sign}Bcc: everybody@example.org", "Hello", "Hello\n")
    assert not [each for each in box.received if each["Bcc"] or "everybody" in (each["To"] or "")]
