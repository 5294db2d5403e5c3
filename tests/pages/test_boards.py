"""A team's board: members only, and of each class only what its teacher put there."""

import re

from tests.house import Running
from tests.pages.test_sharing import told_survey


def found(pattern: str, page: str) -> str:
    match = re.search(pattern, page)
    assert match, page
    return match[1]


async def board_of(house: Running, maker, *members: str) -> str:
    reply = await maker.post("/boards", data={"name": "Team onderbouw"})
    path: str = reply.headers["location"]
    people = {str(house.cast.people[name]): "yes" for name in members}
    await maker.post(f"{path}/members", data=people)
    return path


async def screen_of(member, path: str) -> str:
    page = (await member.get(path)).text
    return found(r"(/board/[0-9a-f]{32})", page)


async def test_a_class_stands_there_for_those_who_were_members_then(house: Running) -> None:
    ilse, omar, wim = [await house.staff(name) for name in ("ilse", "omar", "wim")]
    survey = await told_survey(house, ilse)
    path = await board_of(house, ilse, "omar")
    await ilse.post(f"{path}/lines", data={"survey": str(survey.survey_id)})
    assert "van de 10" in (await omar.get(path)).text
    everybody = {str(house.cast.people[name]): "yes" for name in ("omar", "wim")}
    await ilse.post(f"{path}/members", data=everybody)
    assert "van de 10" in (await omar.get(path)).text
    assert "van de 10" not in (await wim.get(path)).text
    await ilse.post(f"{path}/lines", data={"survey": str(survey.survey_id)})
    assert "van de 10" in (await wim.get(path)).text


async def test_nobody_puts_a_colleagues_class_there_or_takes_it_away(house: Running) -> None:
    ilse, omar = await house.staff("ilse"), await house.staff("omar")
    survey = await told_survey(house, ilse)
    path = await board_of(house, ilse, "omar")
    line = {"survey": str(survey.survey_id)}
    assert (await omar.post(f"{path}/lines", data=line)).status_code == 404
    await ilse.post(f"{path}/lines", data=line)
    assert (await omar.post(f"{path}/lines", data={**line, "off": "yes"})).status_code == 404
    assert "van de 10" in (await omar.get(path)).text


async def test_who_leaves_the_team_takes_the_own_classes_along(house: Running) -> None:
    """A teacher whom colleagues take off the board could no longer withdraw what stands there."""
    ilse, omar = await house.staff("ilse"), await house.staff("omar")
    survey = await told_survey(house, ilse)
    path = await board_of(house, ilse, "omar")
    line = {"survey": str(survey.survey_id), "on_screen": "yes"}
    await ilse.post(f"{path}/lines", data=line)
    screen = await screen_of(omar, path)
    await omar.post(f"{path}/members", data={})
    assert (await ilse.post(f"{path}/lines", data={**line, "off": "yes"})).status_code == 404
    for shown in (await omar.get(path), await house.visitor().get(screen)):
        assert shown.status_code == 200
        assert "van de 10" not in shown.text


async def test_who_is_no_member_finds_nothing(house: Running) -> None:
    ilse = await house.staff("ilse")
    path = await board_of(house, ilse)
    for name in ("omar", "wim", "ada", "eva"):
        other = await house.staff(name)
        assert (await other.get(path)).status_code == 404
        for part in ("members", "lines", "actions", "screen"):
            assert (await other.post(f"{path}/{part}", data={"text": "x"})).status_code == 404


async def test_the_screen_shows_only_what_its_teacher_let_stand_there(house: Running) -> None:
    ilse = await house.staff("ilse")
    survey = await told_survey(house, ilse)
    path = await board_of(house, ilse)
    screen = await screen_of(ilse, path)
    line = {"survey": str(survey.survey_id)}
    await ilse.post(f"{path}/lines", data=line)
    async with house.visitor() as anybody:
        assert "van de 10" not in (await anybody.get(screen)).text
        await ilse.post(f"{path}/lines", data={**line, "on_screen": "yes"})
        assert "van de 10" in (await anybody.get(screen)).text
        await ilse.post(f"{path}/screen")
        assert (await anybody.get(screen)).status_code == 404
        assert (await anybody.get(await screen_of(ilse, path))).status_code == 200


async def test_an_action_that_is_done_is_a_success_and_can_be_taken_back(house: Running) -> None:
    ilse = await house.staff("ilse")
    path = await board_of(house, ilse)
    action = {"text": "Elkaars les bezoeken", "who": "Omar", "due_on": "2026-09-15"}
    await ilse.post(f"{path}/actions", data=action)
    done = found(r'action="([^"]+/completion)"', (await ilse.get(path)).text)
    await ilse.post(done)
    assert 'name="again"' in (await ilse.get(path)).text
    await ilse.post(done, data={"again": "yes"})
    assert 'name="again"' not in (await ilse.get(path)).text
    refused = await ilse.post(f"{path}/actions", data={"text": "", "who": "Omar"})
    assert refused.status_code == 422
    assert 'value="Omar"' in refused.text
