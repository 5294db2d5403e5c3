"""A school moves in: its staff, its classes and what they are asked, and what is shown to whom."""

import re
from datetime import timedelta
from uuid import UUID

import httpx
from asyncpg import Connection

from service import sessions
from service.storage import accounts, groups, people, schools, surveys, tenancy
from service.storage.schools import School
from surveys.access import Role
from surveys.rounds import Group, GroupKind, Survey
from tests import governors
from tests.adversary.events import Asked, History, SchoolClass
from tests.house import A_TUESDAY, HASH, Running

STAFF = {
    "owner": Role.TEACHER,
    "colleague": Role.TEACHER,
    "leader": Role.LEADER,
    "administrator": Role.ADMINISTRATOR,
    "adviser": Role.ADVISER,
}
ROLES = ("nobody", "student", *STAFF, "stranger", "governor")
"""Who looks: `nobody` holds a code, a link or an address that was overheard; `student` has
answered on this device; `stranger` teaches at another school; `governor` sits on a board to which
the school shows its waves, where it asks any."""

NAME = "Het Kompas"
SESSION = timedelta(hours=11)


class SchoolSeen:
    """A school with all who look at it. Groups and surveys are numbered as in the history."""

    def __init__(self, running: Running, history: History) -> None:
        self.running = running
        self.history = history
        self.groups: list[Group] = []
        self.surveys: dict[int, Survey] = {}
        self.people: dict[str, UUID] = {}
        self.visitors = {role: running.visitor("en") for role in ROLES}
        for visitor in self.visitors.values():
            visitor.headers["Accept-Encoding"] = "identity"

    @property
    def owner(self) -> httpx.AsyncClient:
        return self.visitors["owner"]

    async def move_in(self) -> None:
        house = self.running.service.house
        self.running.clock.present = A_TUESDAY
        self.school_id, other = house.new_id(), house.new_id()
        small = self.history.small_classes
        async with tenancy.school(house.pool, self.school_id) as connection:
            await schools.add(connection, School(self.school_id, NAME, "nl", small_classes=small))
            for name, role in STAFF.items():
                self.people[name] = await self.employ(connection, self.school_id, name, role)
            for class_ in self.history.classes:
                self.groups.append(await self.start_class(connection, class_))
            for number, asked in enumerate(self.history.surveys):
                if not asked.by_school:
                    self.surveys[number] = await self.start_survey(connection, asked)
        async with tenancy.school(house.pool, other) as connection:
            await schools.add(connection, School(other, "De Brug", "nl"))
            self.people["stranger"] = await self.employ(connection, other, "stranger", Role.TEACHER)
        self.schools = {**dict.fromkeys(STAFF, self.school_id), "stranger": other, "governor": None}
        await self.sign_in()
        await self.show_to_others()
        if any(asked.by_school for asked in self.history.surveys):
            await self.show_to_a_board()

    async def employ(self, connection: Connection, school_id: UUID, name: str, role: Role) -> UUID:
        account_id = self.running.service.house.new_id()
        await accounts.add(
            connection,
            account_id=account_id,
            email=f"{account_id.hex}@example.org",
            name=name.title(),
            password_hash=HASH,
            language="en",
        )
        await people.grant(connection, school_id, account_id, role)
        return account_id

    async def start_class(self, connection: Connection, class_: SchoolClass) -> Group:
        group = Group(
            school_id=self.school_id,
            group_id=self.running.service.house.new_id(),
            name=class_.name,
            kind=GroupKind.CLASS,
            stage=class_.stage,
            year_group=class_.year_group,
            school_year=2026,
            members=len(class_.students),
        )
        await groups.add(connection, group)
        await groups.add_teacher(connection, self.school_id, group.group_id, self.people["owner"])
        return group

    async def start_survey(self, connection: Connection, asked: Asked) -> Survey:
        survey = Survey(
            self.school_id,
            self.running.service.house.new_id(),
            self.groups[asked.class_].group_id,
            self.people["owner"],
            asked.instrument,
        )
        await surveys.add(connection, survey)
        return survey

    async def sign_in(self) -> None:
        """Sessions end after some hours; nobody fills in a password for each of them here, nor a
        code, and nobody dawdles."""
        house = self.running.service.house
        async with house.pool.acquire() as connection:
            for name, account_id in self.people.items():
                cookie = await sessions.start(
                    connection, house, account_id, self.schools[name], by_provider=True
                )
                self.visitors[name].cookies.set(cookie.key, cookie.value or "")
            await connection.execute("update session set used_at = expires_at")
        self.signed_in_until = self.running.clock.present + SESSION

    async def show_to_others(self) -> None:
        """All that a teacher may show is shown: to a colleague, and on the board of a team."""
        reply = await self.owner.post("/boards", data={"name": "Our team"})
        self.board_id = reply.headers["location"].removeprefix("/boards/")
        page = (await self.owner.get(f"/boards/{self.board_id}")).text
        found = re.search(r"/board/([0-9a-f]{32})", page)
        assert found, page
        self.board = found[1]
        colleague = {str(self.people["colleague"]): "yes"}
        await self.owner.post(f"/boards/{self.board_id}/members", data=colleague)
        for number, survey in self.surveys.items():
            in_band = self.history.surveys[number].in_band
            shown = {**colleague, "in_band": "yes"} if in_band else colleague
            await self.owner.post(f"/surveys/{survey.survey_id}/sharing", data=shown)
            line = {"survey": str(survey.survey_id), "on_screen": "yes"}
            await self.owner.post(f"/boards/{self.board_id}/lines", data=line)

    async def show_to_a_board(self) -> None:
        board = f"Board of {self.school_id}"
        person = f"governor.{self.school_id.hex}"
        await self.visitors["governor"].aclose()
        self.running.visitors.remove(self.visitors["governor"])
        self.visitors["governor"] = await governors.seated(self.running, person, board, "en")
        account = await accounts.by_email(self.running.service.house.pool, f"{person}@example.org")
        assert account
        self.people["governor"] = account.account_id
        await self.sign_in()
        await governors.says_yes(self.running, self.visitors["leader"], board)

    async def move_out(self) -> None:
        for visitor in self.visitors.values():
            await visitor.aclose()
            self.running.visitors.remove(visitor)
