"""A mail out of its template: the first line is its subject."""

from typing import Any

from service.house import House


async def send(house: House, kind: str, *, to: str, language: str, **context: Any) -> bool:
    """Whether the school's mail server took it; without one nothing is sent."""
    if house.mail is None:
        return False
    text = house.templates.get_template(f"mail/{kind}.txt").render(
        language=language, url=house.settings.url, **context
    )
    subject, _, body = text.partition("\n")
    return await house.mail.send(to, subject, body.strip() + "\n")
