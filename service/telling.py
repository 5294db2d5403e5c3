"""What has been told of a survey so far, as one Trend. Releases only: there is nothing else."""

from asyncpg import Connection

from service.storage import releases, rounds
from service.storage.releases import Told
from surveys import trends
from surveys.rounds import Round, Survey
from surveys.trends import Point, Trend


async def trend_of(connection: Connection, survey: Survey) -> Trend:
    asked = await rounds.of_survey(connection, survey.school_id, survey.survey_id)
    told = await releases.of_survey(connection, survey.school_id, survey.survey_id)
    points = [point(round, told[round.round_id]) for round in asked if round.round_id in told]
    return trends.trend(survey.instrument, points)


def point(round: Round, told: Told) -> Point:
    return Point(
        number=round.number,
        on=round.closed_on or round.opened_on,
        places=round.places,
        told=told,
        focus=round.focus,
    )
