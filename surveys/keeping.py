"""How long a school keeps what was told. It may choose less than the promise, never more."""

from datetime import date, timedelta

from msgspec import Struct

from surveys.rounds import AUGUST, school_year_began

MOST_YEARS = 9  # a child's longest time at one school; a school counts in school years
WORDS_FOR = (30, 90)  # days after a round closed; otherwise until the school year ends


class Keeping(Struct, frozen=True):
    """Results of this school year and those before it, and students' own words for some days.

    Own words never outlive the school year: that is what students were told.
    """

    results_years: int = MOST_YEARS
    words_days: int | None = None

    def results_from(self, today: date) -> date:
        """What closed before this day is kept no longer."""
        return date(school_year_began(today).year - self.results_years + 1, AUGUST, 1)

    def words_from(self, today: date) -> date:
        """Own words of rounds that closed before this day are kept no longer."""
        began = school_year_began(today)
        if self.words_days is None:
            return began
        return max(began, today - timedelta(days=self.words_days))
