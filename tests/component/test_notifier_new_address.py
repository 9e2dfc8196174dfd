"""Somebody has another address: what goes to it, and what goes no more to the old one, in whatever order events come."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from services.notifier.suppress.suppression import Evidence
from shared.address_digest import digest
from shared.events import (
    AnswerNoted,
    ApplicationState,
    ContactChanged,
    CourseRebooked,
    CourseState,
    Event,
    Person,
)
from tests.embedded import Embedded
from tests.notifier_office import Office, now
from tests.notifier_samples import application, course, people_of, person, with_invites
from tests.scripted_smtp import ScriptedSmtp

LEADER, EMPLOYEE, CONSULTANT = "a001-leader", "a001-employee", "a001-consultant"
NEW = "ny@kommune.example"
OLD, AFTER = (digest(one, key=bytes(32)) for one in (f"{LEADER}@kommune.example", NEW))


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    office = Office(stack.mongodb)
    await office.messages.ensure_indexes()
    yield office
    office.client.close()


def contacts(mail: str = NEW) -> dict[str, Person]:
    return {LEADER: person("leader", mail=mail), EMPLOYEE: person("employee")}


def reworded(*, who: str = LEADER, mail: str = NEW, times: int = 1) -> tuple[CourseState, dict[str, Person]]:
    """The course with new calendar objects for whoever has another address, worded anew so many times, and its people."""
    first, people = course(), people_of(course())
    stamps = {one.meeting_id: one.dtstamp for one in first.meetings}
    after = [one.model_copy(update={"dtstamp": one.dtstamp + times * timedelta(hours=1)}) for one in first.meetings]
    state = first.model_copy(update={"meetings": tuple(after)})
    # Everybody else's copies stay as they were, and say so.
    kept = {
        one.person_id: one.model_copy(
            update={
                "invites": tuple(copy.model_copy(update={"dtstamp": stamps[copy.meeting_id]}) for copy in one.invites)
            }
        )
        for one in people.values()
    }
    return state, kept | {who: with_invites(people[who].model_copy(update={"mail": mail}), state)}


async def tell(
    office: Office,
    state: ApplicationState | CourseState,
    *,
    sequence: int,
    kind: type[Event] | None = None,
    people: Mapping[str, Person] | None = None,
) -> list[tuple[str, str, str]]:
    """What the event adds: kind, person, and whether it goes to the old, the new or another address."""
    before = {row["_id"] for row in await office.stored()}
    event = await office.event(state, sequence=sequence, kind=kind, people=people)
    assert await office.tell_event(*event) == "handled"
    where = {OLD: "old", AFTER: "new"}
    return sorted(
        (row["kind"], row["person_id"], where.get(row["addressee"], "-"))
        for row in await office.stored()
        if row["_id"] not in before
    )


async def unsent(office: Office) -> set[str]:
    """Addresses that mails are still to be sent to, but for the one that tells an old one that it was changed."""
    rows = [row for row in await office.stored() if row["kind"] != "address_changed"]
    return {row["addressee"] for row in rows if not row.get("obsolete")}


CHANGED = [("address_changed", LEADER, "old"), ("new_link", LEADER, "new")]
INVITED = [
    ("course_booked", LEADER, "new"),
    ("invite", LEADER, "new"),
    ("invite", LEADER, "new"),
]


async def booked(office: Office) -> None:
    """An admitted application and its course, told to everybody's first address."""
    await tell(office, application("admitted"), sequence=1)
    await tell(office, course(), sequence=1)


async def test_a_new_address_is_told_everything_anew_and_nothing_more_goes_to_the_old_one(office: Office) -> None:
    """First the link, with the course once its new calendar objects are there; nobody else gets a mail for it."""
    await booked(office)
    changed = await tell(office, application("admitted"), sequence=2, kind=ContactChanged, people=contacts())
    assert changed == CHANGED
    assert OLD not in await unsent(office)
    # An event of the scheduler from before it knew: everybody else would hear, and the old address nothing.
    assert await tell(office, course(), sequence=2, kind=AnswerNoted) == []
    after, people = reworded()
    assert await tell(office, after, sequence=3, kind=CourseRebooked, people=people) == INVITED
    assert await tell(office, after, sequence=4, kind=CourseRebooked, people=people) == []
    assert OLD not in await unsent(office)


async def test_it_does_not_matter_which_topic_is_faster(office: Office) -> None:
    """The course's event comes first: its mails go out at once, and the link follows with the application's."""
    await booked(office)
    after, people = reworded()
    assert await tell(office, after, sequence=2, kind=CourseRebooked, people=people) == INVITED
    assert OLD not in await unsent(office)
    changed = await tell(office, application("admitted"), sequence=2, kind=ContactChanged, people=contacts())
    assert changed == CHANGED
    assert {AFTER, OLD} & await unsent(office) == {AFTER}


async def test_the_old_address_hears_that_it_was_changed(office: Office) -> None:
    """Once, without the new address or a link: whoever reads there may be the one from whom mails are diverted."""
    await tell(office, application("admitted"), sequence=1)
    await tell(office, application("admitted"), sequence=2, kind=ContactChanged, people=contacts())
    # Another new address, before the mail about the first one went out.
    await tell(office, application("admitted"), sequence=3, kind=ContactChanged, people=contacts("c@kommune.example"))
    async with ScriptedSmtp() as server, office.sending(server.port):
        await office.until_states("accepted", "stopped")
    mails = [message_from_bytes(one, policy=default) for one in server.mails]
    told = [one for one in mails if "anden adresse" in str(one["Subject"])]
    assert sorted(str(one["To"]) for one in told) == sorted([f"{LEADER}@kommune.example", NEW])
    for one in told:
        for part in one.iter_parts():
            assert not any(word in part.get_content() for word in (NEW, "c@kommune.example", "/s/"))


async def test_an_old_address_that_nobody_confirmed_or_that_takes_no_mail_hears_nothing(office: Office) -> None:
    """The one may be a stranger's, and the other was changed for that very reason: nobody hears of that mail's fate."""
    await tell(office, application(), sequence=1)
    assert await tell(office, application(), sequence=2, kind=ContactChanged, people=contacts()) == [
        ("receipt", LEADER, "new")
    ]
    await tell(office, application("admitted"), sequence=3, people=contacts())
    evidence = Evidence(
        digest=AFTER,
        reason="no_such_recipient",
        code="5.1.1",
        at=now(),
        sent_at=now(),
        message_id="m",
        application_id="a001",
        person_id=LEADER,
        address=None,
    )
    assert await office.suppressions.add(evidence)
    again = contacts("c@kommune.example")
    changed = await tell(office, application("admitted"), sequence=4, kind=ContactChanged, people=again)
    assert [one[:2] for one in changed] == [one[:2] for one in CHANGED]
    async with ScriptedSmtp() as server, office.sending(server.port):
        await office.until_states("accepted", "stopped")
    [row] = [row for row in await office.stored() if row["kind"] == "address_changed"]
    assert (row["state"], row["why"]) == ("stopped", "suppressed")
    assert not any(event.envelope.subject == row["_id"] for event in office.published)


async def test_mails_to_a_still_newer_address_are_not_stopped_by_the_news_of_the_one_before(office: Office) -> None:
    """A typing error was mended while the notifier was away, and the courses' topic is read first: C goes out, whatever B stops."""
    await booked(office)
    wrong, people = reworded(mail="nu@kommune.example")
    await tell(office, wrong, sequence=2, kind=CourseRebooked, people=people)
    right, people = reworded(times=2)
    assert await tell(office, right, sequence=3, kind=CourseRebooked, people=people) == INVITED
    for sequence, mail in ((2, "nu@kommune.example"), (3, NEW)):
        await tell(office, application("admitted"), sequence=sequence, kind=ContactChanged, people=contacts(mail))
    going = [row["kind"] for row in await office.stored() if row["addressee"] == AFTER and not row.get("obsolete")]
    assert sorted(going) == ["course_booked", "invite", "invite", "new_link"]
    told = [row["addressee"] for row in await office.stored() if row["kind"] == "address_changed"]
    assert sorted(told) == sorted([OLD, digest("nu@kommune.example", key=bytes(32))])
    assert {one for one in await unsent(office) if one not in (AFTER, OLD)} == {
        digest(f"{one}@kommune.example", key=bytes(32)) for one in (EMPLOYEE, CONSULTANT)
    }


async def test_a_mail_put_in_for_the_old_address_at_the_last_moment_is_not_sent(office: Office) -> None:
    """By a process that had read the view before the new address was known, and stored its mails afterwards."""
    await booked(office)
    rows = [row for row in await office.stored() if (row["person_id"], row["kind"]) == (LEADER, "course_booked")]
    await tell(office, application("admitted"), sequence=2, kind=ContactChanged, people=contacts())
    await office.rows.update_one({"_id": rows[0]["_id"]}, {"$unset": {"obsolete": ""}})
    async with ScriptedSmtp() as server, office.sending(server.port):
        await office.until_states("accepted", "stopped")
    after = {row["_id"]: row for row in await office.stored()}[rows[0]["_id"]]
    assert (after["state"], after["why"], after["attempts"]) == ("stopped", "old_address", [])
    # That it was changed, and nothing else.
    assert sum(f"{LEADER}@kommune.example" in line for line in server.commands) == 1


async def test_before_it_is_admitted_a_new_address_gets_the_receipt(office: Office) -> None:
    """It has to be confirmed like any other."""
    await tell(office, application(), sequence=1)
    assert await tell(office, application(), sequence=2, kind=ContactChanged, people=contacts()) == [
        ("receipt", LEADER, "new")
    ]
    assert OLD not in await unsent(office)


async def test_a_new_address_without_a_link_waits_until_it_has_room(office: Office) -> None:
    """Intake leaves the link out where an address had enough mail for a day, and announces the application again later."""
    await tell(office, application("admitted"), sequence=1)
    silent = contacts() | {LEADER: person("leader", mail=NEW, links={})}
    told = [
        await tell(office, application("admitted"), sequence=sequence, kind=ContactChanged, people=people)
        for sequence, people in ((2, silent), (3, contacts()))
    ]
    assert told == [[one] for one in CHANGED]


async def test_a_waiting_list_is_told_to_the_new_address(office: Office) -> None:
    """Once, by the scheduler's next event."""
    await tell(office, application("admitted"), sequence=1)
    await tell(office, course("waiting"), sequence=1)
    await tell(office, application("admitted"), sequence=2, kind=ContactChanged, people=contacts())
    people = {**people_of(course("waiting")), **contacts()}
    for sequence, told in ((2, [("waiting_list", LEADER, "new")]), (3, [])):
        assert await tell(office, course("waiting"), sequence=sequence, people=people) == told


async def test_a_cancellation_by_staff_reaches_the_new_address_though_the_scheduler_never_heard_of_it(
    office: Office,
) -> None:
    """No newer event of the course comes: what happened is told, and taken out of no calendar that never had it."""
    await booked(office)
    await tell(office, application("admitted"), sequence=2, kind=ContactChanged, people=contacts())
    over = course("cancelled", cancelled_by="staff")
    told = await tell(office, over, sequence=2)
    assert [one for one in told if one[1] == LEADER] == [("course_cancelled", LEADER, "new")]
    assert [one[0] for one in told if one[1] == EMPLOYEE] == ["cancellation", "cancellation", "course_cancelled"]


async def test_a_consultants_new_address_is_told_her_course(office: Office) -> None:
    """The roster brought it; the contacts notice nothing."""
    await booked(office)
    after, people = reworded(who=CONSULTANT)
    told = await tell(office, after, sequence=2, kind=CourseRebooked, people=people)
    assert told == [(kind, CONSULTANT, "new") for kind, _, _ in INVITED]


async def test_nobody_has_moved_because_a_secret_was_changed(office: Office) -> None:
    """Digests of another key are other digests of the same addresses; from then on a new address is noticed again."""
    await booked(office)
    office.desk = replace(office.desk, address_key=bytes([1]) * 32)
    assert await tell(office, application("admitted"), sequence=2, kind=ContactChanged) == []
    assert await tell(office, course(), sequence=2, kind=AnswerNoted) == []
    changed = await tell(office, application("admitted"), sequence=3, kind=ContactChanged, people=contacts())
    assert [one[:2] for one in changed] == [one[:2] for one in CHANGED]


async def test_an_address_that_somebody_has_again_is_told_anew_too(office: Office) -> None:
    """Back and forth: each time the one that she has now, and never the one that she has not."""
    await booked(office)
    await tell(office, application("admitted"), sequence=2, kind=ContactChanged, people=contacts())
    back = contacts(f"{LEADER}@kommune.example")
    assert await tell(office, application("admitted"), sequence=3, kind=ContactChanged, people=back) == [
        ("address_changed", LEADER, "new"),
        ("new_link", LEADER, "old"),
    ]
    after, people = reworded()
    assert await tell(office, after, sequence=2, kind=CourseRebooked, people=people) == []
    again, people = reworded(mail=f"{LEADER}@kommune.example", times=2)
    told = await tell(office, again, sequence=3, kind=CourseRebooked, people=people)
    # Not all that went there before may have been sent when it was stopped.
    assert told == [(kind, LEADER, "old") for kind, _, _ in INVITED]
