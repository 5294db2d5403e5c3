"""Schools, classes and open rounds in numbers, for measurements."""

from datetime import timedelta
from uuid import UUID

from service import opening
from service.app import Service
from service.storage import accounts, groups, people, schools, surveys, tenancy
from service.storage.schools import School
from surveys.access import Role
from surveys.instrument import Stage, library
from surveys.rounds import MOST_MEMBERS, Group, GroupKind, Round, Survey

NOBODYS_PASSWORD = "-"


async def school_with_rounds(service: Service, name: str, rounds: int) -> list[Round]:
    """A school whose one teacher asks `rounds` classes of 60 at once."""
    house = service.house
    school_id, teacher = house.new_id(), house.new_id()
    opened = []
    async with tenancy.school(house.pool, school_id) as connection:
        await schools.add(connection, School(school_id, name, "nl"))
        await accounts.add(
            connection,
            account_id=teacher,
            email=f"{teacher.hex}@example.org",
            name="Teacher",
            password_hash=NOBODYS_PASSWORD,
            language="nl",
        )
        await people.grant(connection, school_id, teacher, Role.TEACHER)
        for number in range(rounds):
            survey = await new_survey(connection, service, school_id, teacher, f"{number}")
            round = await opening.open_round(
                house,
                connection,
                survey,
                members=MOST_MEMBERS,
                closes_at=house.clock() + timedelta(days=1),
            )
            assert isinstance(round, Round)
            opened.append(round)
    return opened


async def new_survey(connection, service: Service, school_id: UUID, teacher: UUID, name: str):
    house = service.house
    group = Group(
        school_id=school_id,
        group_id=house.new_id(),
        name=name,
        kind=GroupKind.CLASS,
        stage=Stage.SECONDARY,
        year_group=2,
        school_year=2026,
        members=MOST_MEMBERS,
    )
    survey = Survey(school_id, house.new_id(), group.group_id, teacher, library()["lesfeedback"])
    await groups.add(connection, group)
    await groups.add_teacher(connection, school_id, group.group_id, teacher)
    await surveys.add(connection, survey)
    return survey
