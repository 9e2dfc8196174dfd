"""Mails that wait for staff: shown without harm, attributed or discarded once, and answers entered by hand."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from services.intake.mail_in.mail import mail_key
from services.intake.parked.parking import ALIKE_PER_DAY_MAX
from shared.events import ApplicationState, InvitationAnswered, StaffActed
from shared.said import CalendarAnswer, CounterProposal, Said
from shared.vault import person_key
from tests.answer_samples import Booked, booked
from tests.canary import Canaries
from tests.embedded import Embedded
from tests.intake_house import House
from tests.mail_in import KAREN, PostOffice, post_office, reply

GUEST = "guest@elsewhere.example"
MARKUP = "<script>alert(1)</script><img src=https://evil.example/x.png>"


@pytest.fixture(scope="module")
async def office(stack: Embedded) -> AsyncIterator[PostOffice]:
    async with post_office(stack.mongodb) as found:
        yield found


def staff(intake: House) -> dict[str, str]:
    return {"Authorization": f"Bearer {intake.settings.staff_token.get_secret_value()}", "Accept": "text/html"}


async def parked(office: PostOffice, course: Booked, raw: bytes, recipient: str | None = None) -> str:
    """The id of a mail that is delivered, to the leader's address if nothing else is said, and found to be parked."""
    before = {row["_id"] for row in await office.rows()}
    await office.deliver(raw, recipient or office.address(course, course.leader))
    await office.take_in()
    (row,) = [row for row in await office.rows() if row["_id"] not in before]
    assert row["state"] == "parked", row["reason"]
    mail_id: str = row["_id"]
    return mail_id


async def guests(office: PostOffice, course: Booked, **options: Any) -> str:
    """Somebody who was forwarded the invite answers."""
    return await parked(office, course, reply(course.meeting, GUEST, **options))


async def page(office: PostOffice, path: str) -> httpx2.Response:
    return await office.intake.http.get(path, headers=staff(office.intake))


async def send(office: PostOffice, shown: str, path: str, fields: Mapping[str, str]) -> httpx2.Response:
    """Send a form with the hidden fields of the page that is shown."""
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', shown))
    return await office.intake.http.post(path, data=hidden | fields, headers=staff(office.intake))


async def attribute(office: PostOffice, mail_id: str, fields: Mapping[str, str]) -> httpx2.Response:
    path = f"/review/mail/{mail_id}"
    return await send(office, (await page(office, path)).text, f"{path}/attribute", fields)


def hers(course: Booked, answer: str = "ACCEPTED", **more: str) -> dict[str, str]:
    return {"meeting": course.meeting.meeting_id, "person": course.leader, "answer": answer} | more


async def said(office: PostOffice, course: Booked) -> tuple[Said, ...]:
    stored = await office.intake.stored(course.mine.id)
    return ApplicationState.model_validate(stored["application"]).said


def acts(office: PostOffice, course: Booked) -> list[str]:
    """What the audit tells of the application, each once, in order."""
    told = {
        one.envelope.sequence: StaffActed.model_validate_json(one.body).staff_act.act
        for one in office.intake.published
        if one.envelope.type == StaffActed.type and one.envelope.subject == course.mine.id
    }
    assert sorted(told) == list(range(1, len(told) + 1))
    return [told[sequence] for sequence in sorted(told)]


async def test_the_list_tells_when_and_why_and_nothing_of_what_is_written(office: PostOffice) -> None:
    """The reason in plain words, the reference where it is known, how old it is."""
    course = await booked(office.intake)
    mail_id = await guests(office, course, extra="COMMENT:Hemmelig besked\r\n")
    office.intake.clock.forward(hours=49)
    with capture_logs() as logs:
        shown = (await page(office, "/review/mail")).text
        opened = (await page(office, f"/review/mail/{mail_id}")).text
    assert f"/review/mail/{mail_id}" in shown
    assert course.mine.reference in shown
    assert "Svaret er fra en, der ikke er indkaldt på den adresse." in shown
    assert "<td>2</td>" in shown
    assert GUEST not in shown
    assert "Hemmelig besked" not in shown
    assert "Hemmelig besked" in opened
    assert "<title>Mail til gennemsyn" in opened
    assert not [one for one in logs if GUEST in str(one) or "Hemmelig" in str(one)]


async def test_what_strangers_write_is_only_ever_text(office: PostOffice) -> None:
    """Markup in the comment and in the text is shown as it is typed; nothing in the page points elsewhere."""
    course = await booked(office.intake)
    with_comment = await guests(office, course, extra=f"COMMENT:{MARKUP}\r\n")
    plain = f"From: <{GUEST}>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nVi kan ikke tirsdag.\r\n{MARKUP}\r\n"
    as_text = await parked(office, course, plain.encode())
    for mail_id in (with_comment, as_text):
        shown = (await page(office, f"/review/mail/{mail_id}")).text
        assert "&lt;script&gt;alert(1)" in shown
        assert MARKUP not in shown
        assert 'src="https://evil' not in shown
    assert "Vi kan ikke tirsdag." in shown


async def test_the_mail_itself_is_a_file_that_no_browser_opens(office: PostOffice) -> None:
    """Byte for byte, as a download of no known kind."""
    course = await booked(office.intake)
    raw = reply(course.meeting, GUEST)
    mail_id = await parked(office, course, raw)
    answer = await page(office, f"/review/mail/{mail_id}/raw")
    assert answer.content == raw
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"


async def test_staff_say_whose_answer_it_is(office: PostOffice) -> None:
    """Said in her name and marked as entered by staff, with the audit in the same write; the mail waits no more."""
    course = await booked(office.intake)
    mail_id = await guests(office, course)
    answer = await attribute(office, mail_id, hers(course))
    assert (answer.status_code, answer.headers["location"]) == (303, "/review/mail")
    (one,) = await said(office, course)
    assert isinstance(one, CalendarAnswer)
    assert (one.person_id, one.partstat, one.answered_by) == (course.leader, "ACCEPTED", "staff")
    assert acts(office, course) == ["answer.attributed"]
    assert mail_id not in (await page(office, "/review/mail")).text
    assert (await page(office, f"/review/mail/{mail_id}")).status_code == 404


async def test_an_address_that_staff_find_to_be_hers_counts_from_then_on(office: PostOffice) -> None:
    """The next answer from it needs nobody; the address itself is stored nowhere in the open."""
    course = await booked(office.intake)
    mail_id = await guests(office, course)
    assert GUEST in (await page(office, f"/review/mail/{mail_id}")).text
    await attribute(office, mail_id, hers(course, also_hers="yes"))
    office.intake.clock.forward(minutes=1)
    raw = reply(course.meeting, GUEST, "TENTATIVE", message_id="<2@mail.example>")
    await office.deliver(raw, office.address(course, course.leader))
    await office.take_in()
    last = (await said(office, course))[-1]
    assert isinstance(last, CalendarAnswer)
    assert (last.person_id, last.partstat, last.answered_by) == (course.leader, "TENTATIVE", "self")
    assert GUEST not in str(await office.intake.stored(course.mine.id))


async def test_a_proposed_time_can_be_taken_as_it_stands_in_the_mail(office: PostOffice) -> None:
    """Only where the mail proposes one."""
    course = await booked(office.intake)
    start = "DTSTART:20270301T090000Z\r\nDTEND:20270301T110000Z\r\n"
    mail_id = await guests(office, course, method="COUNTER", extra=start)
    shown = (await page(office, f"/review/mail/{mail_id}")).text
    assert "1. marts 2027 kl. 10.00" in shown
    assert (await attribute(office, mail_id, hers(course, "PROPOSAL"))).status_code == 303
    (one,) = await said(office, course)
    assert isinstance(one, CounterProposal)
    assert (one.start.isoformat(), one.answered_by) == ("2027-03-01T09:00:00+00:00", "staff")
    other = await guests(office, course)
    assert (await attribute(office, other, hers(course, "PROPOSAL"))).status_code == 422


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"answer": ""}, "Vælg svaret."),
        ({"answer": "PERHAPS"}, "Vælg svaret."),
        ({"meeting": "meeting-of-another"}, "Vælg mødet."),
        ({"person": "somebody"}, "Vælg en, der er indkaldt til mødet."),
        ({"person": ""}, "Vælg personen."),
    ],
)
async def test_an_unfinished_form_says_what_is_missing(office: PostOffice, fields: dict[str, str], fault: str) -> None:
    """Nothing is said, and the mail stays."""
    course = await booked(office.intake)
    mail_id = await guests(office, course)
    answer = await attribute(office, mail_id, hers(course) | fields)
    assert (answer.status_code, fault in answer.text) == (422, True)
    assert not await said(office, course)
    assert mail_id in (await page(office, "/review/mail")).text


async def test_a_mail_of_no_known_application_is_given_one_by_its_reference(office: PostOffice) -> None:
    """To the plain mailbox, from somebody who is not invited: staff look the application up."""
    course = await booked(office.intake)
    mail_id = await parked(office, course, reply(course.meeting, GUEST), "invite@forloeb.example")
    path = f"/review/mail/{mail_id}"
    assert "Hvilken ansøgning handler den om?" in (await page(office, path)).text
    assert (await page(office, f"{path}?reference=SPARK-0000-0000")).status_code == 422
    shown = (await page(office, f"{path}?reference={course.mine.reference.lower()}")).text
    assert (await send(office, shown, f"{path}/attribute", hers(course))).status_code == 303
    assert len(await said(office, course)) == 1


async def test_a_discarded_mail_says_nothing(office: PostOffice) -> None:
    """It leaves the list with an audit; a form without its token changes nothing."""
    course = await booked(office.intake)
    mail_id = await guests(office, course)
    path = f"/review/mail/{mail_id}"
    await office.intake.http.post(f"{path}/discard", data={"x": "y"}, headers=staff(office.intake))
    assert mail_id in (await page(office, "/review/mail")).text
    shown = (await page(office, path)).text
    assert (await send(office, shown, f"{path}/discard", {})).status_code == 303
    assert mail_id not in (await page(office, "/review/mail")).text
    assert not await said(office, course)
    assert acts(office, course) == ["answer.discarded"]


async def test_of_many_who_decide_at_once_one_does(office: PostOffice) -> None:
    """Attributed to two applications, in several ways, and discarded: one outcome, and one audit of it."""
    course, other = await booked(office.intake), await booked(office.intake)
    for number in range(3):
        mail_id = await guests(office, course, message_id=f"<{number}@mail.example>")
        path = f"/review/mail/{mail_id}"
        mine = (await page(office, path)).text
        foreign = (await page(office, f"{path}?reference={other.mine.reference}")).text
        before = len(acts(office, course)) + len(acts(office, other))
        words = len(await said(office, course)) + len(await said(office, other))
        answers = await asyncio.gather(
            send(office, mine, f"{path}/attribute", hers(course)),
            send(office, mine, f"{path}/attribute", hers(course, "DECLINED")),
            send(office, foreign, f"{path}/attribute", hers(other)),
            send(office, mine, f"{path}/discard", {}),
        )
        statuses = [one.status_code for one in answers]
        assert set(statuses) <= {303, 409}
        assert 303 in statuses
        assert (await send(office, mine, f"{path}/discard", {})).status_code == 409
        assert len(acts(office, course)) + len(acts(office, other)) == before + 1
        assert len(await said(office, course)) + len(await said(office, other)) <= words + 1
        office.intake.clock.forward(days=1)


async def test_nothing_of_a_mail_is_stored_or_told_in_the_open(office: PostOffice) -> None:
    """Parked, looked at, attributed with its address: not in logs, metrics, events, nor in the database but sealed."""
    course = await booked(office.intake)
    words = Canaries(["kanarigaest@kanaripost.example", "Kanarikommentar", "kanariuid", "kanaribrev"])
    guest = "kanarigaest@kanaripost.example"
    raw = reply(course.meeting, guest, extra="COMMENT:Kanarikommentar\r\n", message_id="<kanaribrev@kanari.example>")
    with capture_logs() as logs:
        first = await parked(office, course, raw)
        second = await parked(office, course, reply(course.meeting, guest, uid="kanariuid"))
        assert words.found_in((await page(office, f"/review/mail/{first}")).content), "it is there to be seen"
        await attribute(office, first, hers(course, also_hers="yes"))
        shown = (await page(office, f"/review/mail/{second}")).text
        await send(office, shown, f"/review/mail/{second}/discard", {})
    database = office.intake.client["intake"]
    stored = [await database[name].find().to_list(None) for name in await database.list_collection_names()]
    metrics = await office.intake.http.get("/metrics", headers=staff(office.intake))
    told = b"".join(one.body for one in office.intake.published)
    for where in (str(logs).encode(), repr(stored).encode(), metrics.content, told):
        assert words.found_in(where) == []


async def test_few_that_are_alike_are_parked(office: PostOffice) -> None:
    """Five a day to one address, whatever meetings they name; the next ones are dropped and counted."""
    course = await booked(office.intake)
    for number in range(ALIKE_PER_DAY_MAX + 2):
        raw = reply(course.meeting, GUEST, uid=f"invented-{number}", message_id=f"<{number}@evil.example>")
        await office.deliver(raw, office.address(course, course.leader))
        await office.take_in()
    mine = [row for row in await office.rows() if row["recipient"] == course.meeting.reply_ids[course.leader]]
    assert [row["state"] for row in mine] == ["parked"] * ALIKE_PER_DAY_MAX + ["dropped"] * 2
    assert {row["reason"] for row in mine} == {"other-uid", "no-room"}


async def test_an_answer_by_hand_undoes_any_other(office: PostOffice) -> None:
    """Also one whose clock runs ahead; the same form sent twice counts once; the page shows who said what."""
    course = await booked(office.intake)
    ahead = course.meeting.model_copy(update={"dtstamp": office.intake.clock().replace(microsecond=0)})
    office.intake.clock.forward(hours=-20)
    await office.deliver(reply(ahead, KAREN, "DECLINED"), office.address(course, course.consultant))
    await office.take_in()
    before = (await said(office, course))[-1]
    assert isinstance(before, CalendarAnswer)
    path = f"/review/{course.mine.reference}/answer"
    shown = (await page(office, path)).text
    assert "Karen Konsulent" in shown
    fields = {"meeting": course.meeting.meeting_id, "person": course.consultant, "answer": "ACCEPTED"}
    for _ in range(2):
        assert (await send(office, shown, path, fields)).status_code == 303
    assert len(await said(office, course)) == 2
    one = (await said(office, course))[-1]
    assert isinstance(one, CalendarAnswer)
    assert (one.partstat, one.answered_by, one.dtstamp > before.dtstamp) == ("ACCEPTED", "staff", True)
    assert acts(office, course) == ["answer.entered"]
    told = [one.envelope.type for one in office.intake.published if one.envelope.subject == course.mine.id]
    assert told[-2:] == [StaffActed.type, InvitationAnswered.type]
    office.intake.clock.forward(hours=20)


async def test_programs_list_attribute_and_discard(office: PostOffice) -> None:
    """By ids and codes, with the staff token alone; nothing of what the mails say."""
    course = await booked(office.intake)
    first, second = await guests(office, course), await guests(office, course, message_id="<2@mail.example>")
    http, token = office.intake.http, staff(office.intake)
    assert (await http.get("/api/v1/parked")).status_code == 401
    listed = (await http.get("/api/v1/parked", headers=token)).json()["mails"]
    mine = {one["mail_id"]: one for one in listed if one["application_id"] == course.mine.id}
    assert set(mine) == {first, second}
    assert mine[first]["reason"] == "other-attendee"
    assert GUEST not in str(listed)
    body = {
        "application_id": course.mine.id,
        "meeting_id": course.meeting.meeting_id,
        "person_id": course.leader,
        "answer": "ACCEPTED",
    }
    path = f"/api/v1/parked/{first}/attribute"
    assert (await http.post(path, json=body | {"more": 1}, headers=token)).status_code == 422
    assert (await http.post(path, json=body | {"answer": "PROPOSAL"}, headers=token)).status_code == 409
    assert (await http.post(path, json=body | {"person_id": "x"}, headers=token)).status_code == 409
    assert (await http.post(path, json=body, headers=token)).status_code == 204
    assert (await http.post(path, json=body, headers=token)).status_code == 404
    assert (await http.post(f"/api/v1/parked/{second}/discard", headers=token)).status_code == 204
    assert acts(office, course) == ["answer.attributed", "answer.discarded"]


async def test_a_mail_about_somebody_who_was_erased_is_gone_at_the_next_look(office: PostOffice) -> None:
    """From the list, and with its key from the database."""
    course = await booked(office.intake)
    mail_id = await guests(office, course)
    await office.intake.parts.vault.erase(person_key(course.leader))
    assert (await page(office, f"/review/mail/{mail_id}/raw")).status_code == 404
    assert mail_id not in (await page(office, "/review/mail")).text
    assert mail_id not in [row["_id"] for row in await office.rows()]
    assert await office.intake.client["vault"]["mail_keys"].find_one({"_id": mail_key(mail_id)}) is None
