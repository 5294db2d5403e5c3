"""What the leader does: asks the whole school in a wave, prolongs it, ends it, decides."""

import re
from datetime import timedelta
from uuid import UUID

import httpx

from service import waving
from service.storage import rounds, surveys, tenancy, waves
from service.storage.waves import Taking
from surveys.release import WELLBEING
from surveys.rounds import Survey
from surveys.waves import Wave
from tests.adversary.events import OpensWave
from tests.adversary.school import SchoolSeen
from tests.adversary.seen import RoundSeen, WaveSeen

DECISION = "We plant more trees."
CARD = re.compile(r"<b>([0-9A-Z]{5} [0-9A-Z]{5})</b>")


class Leader:
    def __init__(self, school: SchoolSeen) -> None:
        self.school = school
        self.running = school.running

    @property
    def browser(self) -> httpx.AsyncClient:
        return self.school.visitors["leader"]

    async def open_wave(self, event: OpensWave) -> WaveSeen | None:
        """None where one of the classes may not be asked yet."""
        asked = [self.school.history.surveys[number] for number in event.surveys]
        groups = [self.school.groups[one.class_] for one in asked]
        until = self.running.clock.present.date() + timedelta(days=event.days)
        form = {f"group.{group.group_id}": "yes" for group in groups}
        form |= {"view": "class" if event.by_class else "year", "until": until.isoformat()}
        form |= {"cards": "yes"} if event.cards else {}
        key = asked[0].instrument.key
        reply = await self.browser.post(f"/waves/new/{key}", data={**form, "step": "open"})
        if reply.status_code != 303:
            return None
        id = reply.headers["location"].removeprefix("/waves/")
        wave = WaveSeen(id, by_class=event.by_class, cards=event.cards)
        numbers = {
            group.group_id: number for group, number in zip(groups, event.surveys, strict=True)
        }
        wave.members = [waving.member_of(group) for group in groups]
        for survey, taking in await self.taking_part(wave):
            self.school.surveys[numbers[survey.group_id]] = survey
            wave.rounds[survey.group_id] = RoundSeen(
                id=str(taking.round_id),
                survey=survey,
                rule=WELLBEING,
                places=taking.places,
                opened_on=self.running.clock.present.date(),
                by_card=event.cards,
                wave=wave,
            )
        return wave

    async def taking_part(self, wave: WaveSeen) -> list[tuple[Survey, Taking]]:
        """What no page shows: which survey of the school each round belongs to."""
        school_id, found = self.school.school_id, []
        async with tenancy.school(self.running.service.house.pool, school_id) as connection:
            for taking in await waves.taking_part(connection, school_id, UUID(wave.id)):
                round = await rounds.get(connection, school_id, taking.round_id)
                survey = round and await surveys.get(connection, school_id, round.survey_id)
                assert survey
                found.append((survey, taking))
        return found

    async def print_cards(self, wave: WaveSeen) -> None:
        """A sheet for each class, under its name."""
        page = (await self.browser.post(f"/waves/{wave.id}/cards")).text
        names = {member.name: wave.rounds[member.group_id] for member in wave.members}
        for sheet in page.split('<section class="cards-of">')[1:]:
            found = re.search(r">([^<:]+): ", sheet)
            assert found, sheet
            names[found[1]].cards += [one.replace(" ", "") for one in CARD.findall(sheet)]

    async def extend(self, wave: WaveSeen) -> None:
        await self.browser.post(f"/waves/{wave.id}/extension")

    async def end(self, wave: WaveSeen, *, by_clock: bool) -> None:
        if by_clock:
            closes_at = (await self.stored(wave)).closes_at
            self.running.clock.present = closes_at + timedelta(minutes=1)
        else:
            reply = await self.browser.post(f"/waves/{wave.id}/closure")
            assert reply.status_code == 303, reply.text

    async def decide(self, wave: WaveSeen) -> None:
        reply = await self.browser.post(f"/waves/{wave.id}/decision", data={"decision": DECISION})
        assert reply.status_code in (200, 303), reply.text

    async def stored(self, wave: WaveSeen) -> Wave:
        school_id = self.school.school_id
        async with tenancy.school(self.running.service.house.pool, school_id) as connection:
            found = await waves.get(connection, school_id, UUID(wave.id))
        assert found
        return found
