"""What somebody signs in with, in two words out of what a browser says of itself. Staff only.

Enough to know one's own sessions apart. The rest of the line, with versions and models, is not
kept.
"""

from msgspec import Struct

# The first that fits: browsers pretend to be those that came before them.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


class Device(Struct, frozen=True):
    """Each "" where nothing that we know fits."""

    browser: str = ""
    system: str = ""


def device_of(user_agent: str) -> Device:
    return Device(first(BROWSERS, user_agent), first(SYSTEMS, user_agent))


def first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in known if sign in user_agent), "")
