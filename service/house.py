"""What every page may ask for: made once at start by `app`, handed on as one value."""

from collections.abc import Callable
from datetime import date, datetime
from random import Random
from uuid import UUID

from asyncpg import Pool
from jinja2 import Environment
from msgspec import Struct

from service.counting import Counting
from service.doors import Doors
from service.fragments import Fragments
from service.ingest import Ingest
from service.listening import Listening
from service.mail import MailServer
from service.metrics import Metrics
from service.oidc import OpenID
from service.sealing import Pepper
from service.settings import Settings
from service.slowing import Slowing


class House(Struct, frozen=True):
    """`clock` gives the present moment in the zone of the settings; tests travel with it."""

    settings: Settings
    clock: Callable[[], datetime]
    entropy: Random
    pepper: Pepper
    pool: Pool
    ingest: Ingest
    doors: Doors
    counting: Counting
    listening: Listening
    mail: MailServer | None
    templates: Environment
    fragments: Fragments
    wrong_codes: Slowing
    metrics: Metrics
    openid: OpenID

    def today(self) -> date:
        return self.clock().date()

    def new_id(self) -> UUID:
        return UUID(bytes=self.entropy.randbytes(16), version=4)

    def new_token(self) -> str:
        """What a link or a cookie holds: 128 bits, as hexadecimal digits."""
        return self.entropy.randbytes(16).hex()
