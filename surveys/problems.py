"""What can be wrong with an instrument, and where: pages say it in the reader's language."""

from enum import StrEnum

from msgspec import Struct


class Part(StrEnum):
    """The parts of an instrument."""

    WHOLE = "whole"
    NAME = "name"
    ABOUT = "about"
    SCALE = "scale"
    RESPONSES = "responses"
    ITEM = "item"


class Wrong(StrEnum):
    """What is wrong: in English, as whoever writes for the library reads it."""

    LANGUAGE_TWICE = "{place}language {of!r} is claimed twice"
    NO_TEXT = "{place} has no text in language {of!r}"
    NOT_CLAIMED = "{place} has language {of!r}, which the instrument does not claim"
    SCALE_WITHOUT_ITEMS = "{place} has no items"
    UNUSED = "{place}: no item uses them"
    ITEM_TWICE = "{place} stands in it twice"
    NOTHING_TO_TELL = "{place}has no item with response options, so nothing of it could be told"
    TAKEN = "{place}: {of!r} is a name that the form keeps for itself"
    NO_SUCH_SCALE = "{place} names scale {of!r}, which does not exist"
    NO_SUCH_RESPONSES = "{place} names responses {of!r}, which do not exist"
    NO_OWN_WORDS = "{place}: own words are not asked about wellbeing or in primary school"
    WORDS_ALONE = "{place}: own words are not reversed and belong to no scale"
    WORDS_WITH_OPTIONS = "{place}: own words have no options"
    TOO_FEW_OPTIONS = "{place}: at least two options"
    OPTION_TWICE = "{place}: option {of} stands in it twice"
    FACES = "{place}: faces come in three or in five"
    AGREEMENT = "{place}: agreement has four or five points"
    NOT_COUNTED = "{place}: says which options count as positive and which as negative"
    NO_SUCH_OPTION = "{place}: counts {of}, which is no option"
    BOTH = "{place}: option {of} counts as positive or as negative, not as both"
    UNREADABLE = "{of}"

    # What a file from anybody may have, and ours have not.
    NOT_WRITTEN_SO = "{place}not written as TOML is"
    WRITTEN_TWICE = "{place}written twice"
    NESTED = "{place}nested too deeply"
    MISSING = "{place}: {of!r} is missing"
    UNKNOWN = "{place}: {of!r} is a word that instruments do not know"
    NO_SUCH_CHOICE = "{place}: {of!r} is none of the choices"
    NO_KEY = "{place}: {of!r} holds small letters, digits and dashes only"
    UNFIT = "{place}: what stands at {of!r} does not fit"
    NO_LANGUAGE_OF_OURS = "{place}: none of {of}"
    NULL = "{place}: a null character, which no database keeps"
    TOO_LONG = "{place}: longer than {of} characters"
    TOO_MANY_ITEMS = "{place}: more than {of} items"
    TOO_MANY_OPTIONS = "{place}: more than {of} options"
    UNNAMED = "{place}: an option without a text"


class Place(Struct, frozen=True):
    """A part by its key: of an item its id, or its number where it has none."""

    part: Part = Part.WHOLE
    key: str = ""
    option: int | None = None

    def __str__(self) -> str:
        if self.part is Part.WHOLE:
            return ""
        named = f"{self.part} {self.key!r}" if self.key else str(self.part)
        return named if self.option is None else f"{named}, option {self.option}"


class Problem(Struct, frozen=True):
    """Something that is wrong, `of` what; in a file also the line where it stands, and how."""

    wrong: Wrong
    place: Place = Place()
    of: str = ""
    line: int | None = None
    source: str = ""

    def __str__(self) -> str:
        return self.wrong.format(place=self.place, of=self.of)
