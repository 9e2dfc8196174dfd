from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import BaseModel

from services.notifier.course_mail_facts import CourseBookedFacts, CourseChangedFacts
from services.notifier.course_view import ToldCourse
from services.notifier.facts import Facts, ReceiptFacts, WaitingListFacts, WithdrawnFacts
from services.notifier.mail_facts import application_facts, course_facts
from services.notifier.meeting_mail_facts import CancellationFacts, InviteFacts
from services.notifier.message import MailContent, NewMessage
from services.notifier.plan_application import plan_application
from services.notifier.plan_course import plan_course
from services.notifier.planned import PlannedMessage
from services.notifier.recipients import recipients_of
from services.notifier.template_files import load_templates
from services.notifier.write_messages import organizer_of, write_messages
from shared.events import Person
from shared.sealing import Sealed
from shared.vault import ErasedError
from shared.working_days import working_days_after
from tests.factories import spark
from tests.notifier_samples import MATTER, STARTS, application, course, meeting, people_of, person, taken_off

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PROGRAMME = spark()
TEMPLATES = load_templates()


class OpenVault:
    """Seals nothing; what was to be sealed can be looked at, and erased people cannot be sealed for."""

    def __init__(self, *erased: str) -> None:
        self.sealed: dict[str, MailContent] = {}
        self._erased = erased

    async def seal(self, content: BaseModel, *, key_id: str, place: Sequence[str]) -> Sealed:
        if key_id in self._erased:
            raise ErasedError(key_id)
        assert isinstance(content, MailContent)
        self.sealed[place[2]] = content
        return Sealed(key_id=key_id, nonce="", box="")


def booked(english: tuple[str, ...] = ()) -> tuple[Sequence[PlannedMessage], Mapping[str, Person]]:
    people = people_of(course(), english=english)
    return plan_course(course(), people, {}, sequence=1).messages, people


def facts_of(planned: PlannedMessage, people: Mapping[str, Person]) -> Facts:
    return course_facts(planned, state=course(), before=None, people=people, matter=MATTER, programme=PROGRAMME)


async def written(
    planned: Sequence[PlannedMessage], people: Mapping[str, Person], vault: OpenVault
) -> list[NewMessage]:
    return await write_messages(
        planned,
        application_id="a001",
        recipients=recipients_of(people, application_id="a001", programme=PROGRAMME),
        facts=lambda each: facts_of(each, people),
        programme=PROGRAMME,
        templates=TEMPLATES,
        vault=vault,  # type: ignore[arg-type]
        now=NOW,
        address_key=bytes(32),
    )


def test_the_waiting_list_tells_the_last_day_for_a_start() -> None:
    """Counted from the application, as on the status page; not the day by which the whole course must be over."""
    applied_on = date(2026, 11, 20)
    state = course("waiting", latest=applied_on + timedelta(days=PROGRAMME.windows.horizon_days))
    people = people_of(state)
    [planned, _] = plan_course(state, people, {}, sequence=1).messages
    facts = course_facts(planned, state=state, before=None, people=people, matter=MATTER, programme=PROGRAMME)
    assert isinstance(facts, WaitingListFacts)
    assert facts.start_before == PROGRAMME.latest_start(applied_on)


async def test_each_person_is_written_to_in_their_own_language() -> None:
    """One application, two languages."""
    planned, people = booked(english=("employee",))
    vault = OpenVault()
    messages = await written(planned, people, vault)
    languages = {message.person_id: vault.sealed[message.message_id].language for message in messages}
    assert languages == {"a001-leader": "da", "a001-employee": "en", "a001-consultant": "da"}
    for message in messages:
        content = vault.sealed[message.message_id]
        assert ("kl. 9.00" in content.text or "kl. 12.30" in content.text) == (content.language == "da")


async def test_the_whole_mail_is_sealed_and_only_facts_stand_beside_it() -> None:
    """No name, address or text is left in clear."""
    planned, people = booked()
    for message in await written(planned, people, OpenVault()):
        clear = {name: value for name, value in vars_of(message).items() if name != "mail"}
        assert "Åse" not in str(clear)
        assert "kommune.example" not in str(clear)
        assert message.mail.key_id == f"person:{message.person_id}"


def vars_of(message: NewMessage) -> dict[str, object]:
    return {name: getattr(message, name) for name in NewMessage.__slots__}


async def test_for_each_person_the_explaining_mail_is_due_first() -> None:
    """It says what the calendar mails are about. Everything is due at once."""
    planned, people = booked()
    messages = await written(planned, people, OpenVault())
    assert all(message.due_at < message.created_at for message in messages)
    for person_id in people:
        own = sorted((one for one in messages if one.person_id == person_id), key=lambda one: one.due_at)
        assert [one.kind for one in own] == ["course_booked", "invite", "invite"]


async def test_calendar_objects_are_stored_as_they_came() -> None:
    """Made again they could differ, and a repeat must be the same bytes."""
    planned, people = booked()
    vault = OpenVault()
    await written(planned, people, vault)
    for each in planned:
        if each.calendar is not None:
            assert vault.sealed[each.message_id].ics == each.calendar.ics


async def test_a_calendar_mail_comes_from_the_address_that_its_answer_goes_to() -> None:
    """Some programs trust an invite more where From is the organizer; the other mails come from the programme."""
    planned, people = booked()
    vault = OpenVault()
    for message in await written(planned, people, vault):
        content = vault.sealed[message.message_id]
        assert content.sender == ("invite+token@forloeb.example" if content.method else None)


def test_an_organizer_is_found_behind_a_name_of_any_kind() -> None:
    """Folded lines, quoted names with colons and semicolons, and other lines that look alike."""
    ics = (
        "DESCRIPTION:x\\nORGANIZER:mailto:wrong@x.example\r\n"
        'ORGANIZER;CN="SPARK: a; b";SENT-BY=x:mailto:invite+to\r\n ken@forloeb.example\r\n'
    )
    assert organizer_of(ics) == "invite+token@forloeb.example"
    assert organizer_of("ATTENDEE:mailto:a@b.example\r\n") is None


async def test_who_was_erased_meanwhile_is_left_out() -> None:
    """The others still get their mail."""
    planned, people = booked()
    messages = await written(planned, people, OpenVault("person:a001-leader"))
    assert {message.person_id for message in messages} == {"a001-employee", "a001-consultant"}


async def test_no_theme_is_in_any_mail() -> None:
    """Mails lie open at a workplace."""
    planned, people = booked()
    vault = OpenVault()
    await written(planned, people, vault)
    assert "canary-theme" not in "".join(content.model_dump_json() for content in vault.sealed.values())


def test_the_consultant_alone_learns_how_to_reach_the_others_and_where() -> None:
    """Contacts see names and functions."""
    planned, people = booked()
    facts = {each.person_id: facts_of(each, people) for each in planned if each.kind == "course_booked"}
    of_leader, of_consultant = facts["a001-leader"], facts["a001-consultant"]
    assert isinstance(of_leader, CourseBookedFacts)
    assert isinstance(of_consultant, CourseBookedFacts)
    assert {(one.function, one.mail, one.phone) for one in of_leader.people} == {
        ("employee", "", ""),
        ("consultant", "", ""),
    }
    assert all(one.mail and one.phone for one in of_consultant.people)
    assert of_leader.workplaces == ()
    assert of_consultant.workplaces == ("Plejecenter Åbrinken, Søndergade 1, 6200 Aabenraa",)


def test_a_meeting_stands_with_the_address_of_its_host_and_what_to_prepare() -> None:
    """Of two workplaces the second is host of this meeting; the programme's homework stands in the reader's language."""
    second = MATTER.workplaces[0].model_copy(update={"name": "Rådhuset"})
    state = course(meetings=(meeting(0).model_copy(update={"workplace": 1}),))
    people = people_of(state, english=("employee",))
    planned = plan_course(state, people, {}, sequence=1).messages
    matter = MATTER.model_copy(update={"workplaces": (*MATTER.workplaces, second)})
    (mail,) = (one for one in planned if one.kind == "course_booked" and one.person_id == "a001-employee")
    facts = course_facts(mail, state=state, before=None, people=people, matter=matter, programme=PROGRAMME)
    assert isinstance(facts, CourseBookedFacts)
    homework = PROGRAMME.plans["single"].meetings[0].preparation
    assert homework is not None
    assert facts.meetings[0].place.startswith("Rådhuset, Søndergade 1")
    assert facts.meetings[0].preparation == homework.en


def test_a_change_tells_what_was_and_what_is() -> None:
    """The meeting that moved, with both times, all that is still to come, and who leads it now; the rest is left out."""
    before = course()
    after = course(meetings=(meeting(0), meeting(1, moves=1)), consultant_id="a001-successor")
    people = {**people_of(after), "a001-consultant": taken_off(person("consultant"), after, old={"a001-m1"})}
    told = plan_course(before, people_of(before), {}, sequence=1).told
    planned = plan_course(after, people, told, sequence=2).messages

    def of(who: str, kind: str) -> Facts:
        mail = next(one for one in planned if (one.person_id, one.kind) == (f"a001-{who}", kind))
        return course_facts(
            mail,
            state=after,
            before=ToldCourse.of(before),
            people=people,
            matter=MATTER,
            programme=PROGRAMME,
            told=told[mail.person_id],
            causes=("dropped_out",),
        )

    changed = of("leader", "course_changed")
    assert isinstance(changed, CourseChangedFacts)
    [moved] = changed.changed
    assert (moved.was.starts, moved.meeting.starts) == (STARTS[1], STARTS[1] + timedelta(days=7))
    assert changed.handed_over
    assert changed.why == ("consultant_gone",)
    assert (changed.added, changed.dropped, changed.invited) == ((), (), True)
    assert len(changed.meetings) == 2
    assert [one.name for one in changed.people] == ["Åse Employee", "Åse Successor"]
    off = of("consultant", "cancellation")
    assert isinstance(off, CancellationFacts)
    assert (off.meeting.starts, off.whole_meeting) == (STARTS[1], False), "the time that her calendar knows"


def test_the_second_consultant_reads_of_her_meetings_alone() -> None:
    """Those that she has an invite to."""
    state = course(second_id="a001-second")
    people = people_of(state)
    hers = people["a001-second"]
    people["a001-second"] = hers.model_copy(update={"invites": hers.invites[1:]})
    mail = next(
        one
        for one in plan_course(state, people, {}, sequence=1).messages
        if (one.person_id, one.kind) == ("a001-second", "course_booked")
    )
    facts = course_facts(mail, state=state, before=None, people=people, matter=MATTER, programme=PROGRAMME)
    assert isinstance(facts, CourseBookedFacts)
    assert facts.second
    assert [one.starts for one in facts.meetings] == [STARTS[1]]


def test_a_meeting_stands_with_its_own_local_times_and_its_programme_name() -> None:
    """The label is the programme's neutral one."""
    planned, people = booked()
    facts = next(facts_of(each, people) for each in planned if each.kind == "invite")
    assert isinstance(facts, InviteFacts)
    assert facts.meeting.label == "indledende møde"
    assert (facts.meeting.starts.isoformat(), facts.meeting.ends.hour) == ("2027-01-12T09:00:00+01:00", 11)
    assert facts.meeting.place == "Plejecenter Åbrinken, Søndergade 1, 6200 Aabenraa"


@pytest.mark.parametrize(
    ("state", "changes", "confirms"),
    [
        ("submitted", {}, True),
        ("submitted", {"needs_confirmation": False}, False),
        ("admitted", {}, False),
    ],
)
def test_a_receipt_asks_for_confirmation_only_while_it_is_needed(
    state: str, changes: dict[str, object], *, confirms: bool
) -> None:
    """A trusted caller's application, and one that is confirmed already, need none."""
    one = application(state, **changes)  # type: ignore[arg-type]
    (planned, *_) = plan_application(one, {"a001-leader": person("leader")}, {}, sequence=1).messages
    facts = application_facts(planned, state=one, person=person("leader"), programme=PROGRAMME, booked=False)
    assert isinstance(facts, ReceiptFacts)
    assert (facts.confirm_url is not None, facts.status_url is not None) == (confirms, not confirms)
    assert (facts.answer_before is None) == confirms, "nobody knows yet when it will be confirmed"


def test_the_day_of_the_answer_is_counted_from_the_admission() -> None:
    """A receipt that was held back comes late, and must promise what the status page promises."""
    one = application("admitted", admitted_at=datetime(2026, 12, 23, 9, 0, tzinfo=UTC))
    (planned, *_) = plan_application(one, {"a001-leader": person("leader")}, {}, sequence=1).messages
    facts = application_facts(planned, state=one, person=person("leader"), programme=PROGRAMME, booked=False)
    assert isinstance(facts, ReceiptFacts)
    assert facts.answer_before == date(2027, 1, 5), "Christmas, New Year's Eve and New Year's Day are no working days"


def test_a_withdrawal_says_whether_meetings_fall_away() -> None:
    """Who had no meetings is told of none."""
    for meetings in (True, False):
        one = application("withdrawn")
        (planned,) = plan_application(one, {"a001-leader": person("leader")}, {}, sequence=3).messages
        facts = application_facts(planned, state=one, person=person("leader"), programme=PROGRAMME, booked=meetings)
        assert isinstance(facts, WithdrawnFacts)
        assert facts.meetings_cancelled is meetings


def test_working_days_leave_out_weekends_and_closed_days() -> None:
    """Friday plus one is Monday; over Christmas it takes long."""
    assert working_days_after(date(2026, 11, 20), 1, PROGRAMME) == date(2026, 11, 23)
    assert working_days_after(date(2026, 12, 23), 1, PROGRAMME) == date(2026, 12, 28)
    assert working_days_after(date(2026, 12, 30), 1, PROGRAMME) == date(2027, 1, 4)
