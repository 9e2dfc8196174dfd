from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifier.course_view import Seen, Told, ToldCourse
from services.notifier.plan_application import plan_application
from services.notifier.plan_counters import plan_counters
from services.notifier.plan_course import plan_course
from services.notifier.planned import Plan
from shared.course_facts import Stall
from shared.events import ApplicationState, CounterReply, CourseState, Person
from tests.notifier_samples import (
    SUBMITTED_AT,
    application,
    course,
    meeting,
    people_of,
    person,
    taken_off,
    with_invites,
)

CONTACTS = {f"a001-{key}": person(key) for key in ("leader", "employee")}


def told_of(
    state: ApplicationState | CourseState, told: Mapping[str, Told] | None = None, *, sequence: int = 1
) -> Plan:
    if isinstance(state, ApplicationState):
        return plan_application(state, CONTACTS, told or {}, sequence=sequence)
    return plan_course(state, people_of(state), told or {}, sequence=sequence)


def kinds(plan: Plan) -> list[tuple[str, str]]:
    return [(message.person_id.removeprefix("a001-"), message.kind) for message in plan.messages]


def test_a_new_application_is_receipted_to_both_contacts() -> None:
    """Leader and employee representative apply together, so both hear of it."""
    assert kinds(told_of(application())) == [("leader", "receipt"), ("employee", "receipt")]


def test_a_contact_without_a_link_gets_no_receipt() -> None:
    """That is how intake says that an address has had enough unconfirmed mail."""
    people = {**CONTACTS, "a001-employee": person("employee", links={})}
    plan = plan_application(application(), people, {}, sequence=1)
    assert kinds(plan) == [("leader", "receipt")]


def test_a_receipt_that_was_held_back_follows_with_the_link() -> None:
    """Intake announces the application again when the address has room; who was written to before is not again."""
    people = {**CONTACTS, "a001-employee": person("employee", links={})}
    held_back = plan_application(application(), people, {}, sequence=1)
    again = told_of(application(), held_back.told, sequence=2)
    assert kinds(again) == [("employee", "receipt")]
    assert told_of(application(), again.told, sequence=3).messages == ()


def test_a_new_link_is_mailed_to_each_contact_who_has_one() -> None:
    """Intake leaves out of the block whoever may not be written to now."""
    received = told_of(application())
    people = {**CONTACTS, "a001-employee": person("employee", links={})}
    plan = plan_application(application(), people, received.told, sequence=2, new_links=True)
    assert kinds(plan) == [("leader", "new_link")]
    assert plan.told == received.told
    assert plan.obsolete == (("a001-leader", "application"), ("a001-leader", "link")), "the links in them are void"


def test_a_new_link_stops_no_mail_about_a_withdrawal() -> None:
    """The withdrawal would never be heard of: the mail with the new link does not tell it."""
    withdrawn = told_of(application("withdrawn"), told_of(application()).told, sequence=2)
    plan = plan_application(application("withdrawn"), CONTACTS, withdrawn.told, sequence=3, new_links=True)
    assert kinds(plan) == [("leader", "new_link"), ("employee", "new_link")]
    assert plan.obsolete == (("a001-leader", "link"), ("a001-employee", "link"))


def test_each_new_link_is_a_mail_of_its_own() -> None:
    """Also when the state is the same; and who has not even the receipt gets that, with the new link in it."""
    received = told_of(application())
    plans = [
        plan_application(application("admitted"), CONTACTS, received.told, sequence=number, new_links=True)
        for number in (2, 3)
    ]
    assert not {one.message_id for one in plans[0].messages} & {one.message_id for one in plans[1].messages}
    assert kinds(plan_application(application(), CONTACTS, {}, sequence=2, new_links=True)) == [
        ("leader", "receipt"),
        ("employee", "receipt"),
    ]


def test_contacts_with_a_confirmed_address_are_told_that_they_were_declined() -> None:
    """Once, in one mail; an address that nobody confirmed, and that anybody may have typed, hears nothing."""
    received = told_of(application())
    state = application("declined", admitted_at=None, confirmed_by=("a001-leader",))
    plan = told_of(state, received.told, sequence=2)
    assert kinds(plan) == [("leader", "declined")]
    assert told_of(state, plan.told, sequence=3).messages == ()


def test_admission_alone_is_no_news() -> None:
    """The next mail is the one with the dates, or with the waiting list."""
    received = told_of(application())
    assert told_of(application("admitted"), received.told, sequence=2).messages == ()


def test_a_withdrawal_is_told_to_both_contacts() -> None:
    """Whoever withdrew, the other one must know."""
    received = told_of(application())
    plan = told_of(application("withdrawn"), received.told, sequence=3)
    assert kinds(plan) == [("leader", "withdrawn"), ("employee", "withdrawn")]


def test_an_unconfirmed_withdrawal_is_told_only_to_who_confirmed() -> None:
    """An address that nobody has confirmed gets its receipt and no more."""
    state = application("withdrawn", admitted_at=None, confirmed_by=("a001-employee",))
    assert kinds(told_of(state, sequence=2)) == [("employee", "withdrawn")]


def test_the_waiting_list_is_told_once_to_the_contacts() -> None:
    """New reasons for waiting are no news to them."""
    waiting = told_of(course("waiting"))
    assert kinds(waiting) == [("leader", "waiting_list"), ("employee", "waiting_list")]
    again = course("waiting", reasons={"busy": 3})
    assert told_of(again, waiting.told, sequence=2).messages == ()


def test_a_booking_is_explained_first_and_then_sent_as_one_invite_per_meeting() -> None:
    """Contacts and the consultant each get their own."""
    plan = told_of(course())
    each = ["course_booked", "invite", "invite"]
    assert kinds(plan) == [(key, kind) for key in ("leader", "employee", "consultant") for kind in each]
    assert [message.replaces for message in plan.messages] == [False] * 9
    assert len({message.message_id for message in plan.messages}) == 9


def test_a_cancelled_course_takes_each_known_meeting_out_of_each_calendar() -> None:
    """The contacts hear why from their withdrawal; the consultant gets the explaining mail here."""
    booked = told_of(course())
    plan = told_of(course("cancelled"), booked.told, sequence=2)
    assert kinds(plan) == [
        ("leader", "cancellation"),
        ("leader", "cancellation"),
        ("employee", "cancellation"),
        ("employee", "cancellation"),
        ("consultant", "withdrawn"),
        ("consultant", "cancellation"),
        ("consultant", "cancellation"),
    ]


def test_what_a_change_makes_wrong_is_obsolete() -> None:
    """A mail that was not sent yet, about what is no longer so, must not follow the newer one."""
    booked = told_of(course())
    assert booked.obsolete == ()
    moved = told_of(course(meetings=(meeting(0), meeting(1, moves=1))), booked.told, sequence=2)
    assert [about for person_id, about in moved.obsolete if person_id == "a001-leader"] == ["course", "a001-m1"]
    cancelled = told_of(course("cancelled"), booked.told, sequence=2)
    assert [about for person_id, about in cancelled.obsolete if person_id == "a001-leader"] == [
        "course",
        "a001-m0",
        "a001-m1",
    ]
    withdrawn = told_of(application("withdrawn"), told_of(application()).told, sequence=2)
    assert withdrawn.obsolete == (("a001-leader", "application"), ("a001-employee", "application"))


def test_a_course_that_nobody_was_told_of_is_cancelled_in_silence() -> None:
    """A cancellation of a meeting that is in no calendar only puzzles."""
    assert told_of(course("cancelled")).messages == ()


def test_a_moved_meeting_is_sent_again_and_explained_once() -> None:
    """Only the meeting that moved gets a new invite, and it says that it changed."""
    booked = told_of(course())
    moved = course(meetings=(meeting(0), meeting(1, moves=1)))
    plan = told_of(moved, booked.told, sequence=2)
    assert kinds(plan)[:2] == [("leader", "course_changed"), ("leader", "invite")]
    assert [message.replaces for message in plan.messages if message.calendar] == [True, True, True]
    assert {message.calendar.meeting_id for message in plan.messages if message.calendar} == {"a001-m1"}


def handed_over() -> tuple[CourseState, dict[str, Person]]:
    """The successor holds the second meeting from now on; the first one is past. And the people of that event."""
    after = course(meetings=(meeting(0), meeting(1, moves=1)), consultant_id="a001-successor")
    people = people_of(after)
    hers = people["a001-successor"]
    people["a001-successor"] = hers.model_copy(update={"invites": hers.invites[1:]})
    before = with_invites(person("consultant"), course()).invites[:1]
    off = taken_off(person("consultant"), after, old={"a001-m1"})
    people["a001-consultant"] = off.model_copy(update={"invites": (*before, *off.invites)})
    return after, people


def test_whom_somebody_takes_over_from_hears_it_and_loses_what_is_still_to_come() -> None:
    """The successor is told of the course, everybody else of the change; a second look tells nobody anything."""
    booked = told_of(course())
    state, people = handed_over()
    plan = plan_course(state, people, booked.told, sequence=2)
    assert kinds(plan) == [
        ("leader", "course_changed"),
        ("leader", "invite"),
        ("employee", "course_changed"),
        ("employee", "invite"),
        ("consultant", "course_left"),
        ("consultant", "cancellation"),
        ("successor", "course_booked"),
        ("successor", "invite"),
    ]
    assert plan_course(state, people, plan.told, sequence=3).messages == ()
    assert plan.told["a001-consultant"].course is None


def test_who_never_heard_of_the_course_hears_nothing_when_it_goes_to_somebody_else() -> None:
    """The booking was not handled before the change: her calendar has nothing to lose."""
    state, people = handed_over()
    assert {message.person_id for message in plan_course(state, people, {}, sequence=2).messages} == {
        "a001-leader",
        "a001-employee",
        "a001-successor",
    }


def test_a_course_that_is_put_back_is_told_with_its_cancellations() -> None:
    """Contacts read that it is planned again, the consultant that she is free; booked again, it is a new course to all."""
    booked = told_of(course())
    waiting = course("waiting", meetings=tuple(meeting(place, cancelled=True) for place in (0, 1)))
    people = {**people_of(waiting), "a001-consultant": with_invites(person("consultant"), waiting)}
    plan = plan_course(waiting, people, booked.told, sequence=2)
    assert [one for one in kinds(plan) if one[1] != "cancellation"] == [
        ("leader", "waiting_list"),
        ("employee", "waiting_list"),
        ("consultant", "course_left"),
    ]
    assert len(plan.messages) == 3 + 6
    assert plan.messages[0].replaces
    again = told_of(course(), plan.told, sequence=3)
    assert kinds(again)[0] == ("leader", "course_booked")


def test_what_staff_cancel_is_told_to_everybody_from_here() -> None:
    """There is no withdrawal that the contacts would hear of; whoever waits hears it too, and who heard nothing nothing."""
    off = course("cancelled", cancelled_by="staff")
    plan = told_of(off, told_of(course()).told, sequence=2)
    assert [one for one in kinds(plan) if one[1] != "cancellation"] == [
        (key, "course_cancelled") for key in ("leader", "employee", "consultant")
    ]
    waited = told_of(
        course("cancelled", cancelled_by="staff", meetings=()), told_of(course("waiting")).told, sequence=2
    )
    assert kinds(waited) == [("leader", "course_cancelled"), ("employee", "course_cancelled")]
    assert told_of(off).messages == ()


def test_each_move_of_a_meeting_is_a_message_of_its_own() -> None:
    """With the id of the move before, it would be taken for sent already."""
    told, ids = told_of(course()).told, []
    for moves in (1, 2):
        plan = told_of(course(meetings=(meeting(0), meeting(1, moves=moves))), told, sequence=moves + 1)
        ids += [message.message_id for message in plan.messages]
        told = plan.told
    assert len(ids) == len(set(ids)) == 12


def test_the_same_event_again_plans_the_same_messages_and_then_none() -> None:
    """A crash before the view advances repeats the ids; after it nothing is planned."""
    first = told_of(course())
    assert told_of(course()).messages == first.messages
    assert told_of(course(), first.told, sequence=2).messages == ()


def test_an_erased_person_is_left_out_and_the_others_are_told() -> None:
    """Whose block cannot be opened any more is nobody to write to."""
    people = people_of(course())
    del people["a001-leader"]
    plan = plan_course(course(), people, {}, sequence=1)
    assert {message.person_id for message in plan.messages} == {"a001-employee", "a001-consultant"}
    assert "a001-leader" not in plan.told


def test_a_completed_course_sends_nothing() -> None:
    """What lies in the past is no news, whether or not its booking was told."""
    booked = told_of(course())
    assert told_of(course("completed"), booked.told, sequence=2).messages == ()
    assert told_of(course("completed"), sequence=2).messages == ()


# -- what is in doubt --------------------------------------------------------------------------------------------------

STALL = Stall(since=SUBMITTED_AT, cause="leave", meetings=("a001-m1",))


def plan_between(before: CourseState, after: CourseState, told: Mapping[str, Told], *, report: bool = False) -> Plan:
    people = people_of(after)
    return plan_course(after, people, told, before=ToldCourse.of(before), sequence=9, report=report)


def test_what_is_in_doubt_is_told_once_to_the_contacts_and_to_the_coordinators() -> None:
    """The consultant knows already; another event about the same doubt is no news."""
    booked = told_of(course())
    plan = plan_between(course(), course(stall=STALL), booked.told, report=True)
    assert kinds(plan) == [
        ("leader", "course_stalled"),
        ("employee", "course_stalled"),
        ("coordinators", "stall_report"),
    ]
    assert plan_between(course(stall=STALL), course(stall=STALL), plan.told, report=True).messages == ()
    assert kinds(plan_between(course(), course(stall=STALL), booked.told)) == kinds(plan)[:2], "no mailbox is known"


def test_what_is_settled_is_told_also_where_nothing_changed() -> None:
    """Whoever was told of a doubt waits for a word; a mail about the doubt that was not sent yet is stopped."""
    told = plan_between(course(), course(stall=STALL), told_of(course()).told, report=True).told
    plan = plan_between(course(stall=STALL), course(), told, report=True)
    assert kinds(plan) == [("leader", "course_changed"), ("employee", "course_changed")]
    assert {("a001-leader", "stall"), ("coordinators", "stall")} <= set(plan.obsolete)
    assert plan_between(course(), course(), plan.told, report=True).messages == ()


def test_a_doubt_that_comes_with_a_change_is_told_in_the_same_mail() -> None:
    """One explaining mail per person, whatever happened."""
    moved = course(meetings=(meeting(0, moves=1), meeting(1)), stall=STALL)
    plan = plan_between(course(), moved, told_of(course()).told)
    assert [kind for who, kind in kinds(plan) if who == "leader"] == ["course_changed", "invite"]
    assert plan_between(moved, moved, plan.told).messages == ()


def test_only_the_text_of_a_meeting_is_no_story() -> None:
    """A newer DTSTAMP under the same SEQUENCE goes to calendars, and nobody reads a mail that says nothing."""
    newer = meeting(0).model_copy(update={"dtstamp": meeting(0, moves=1).dtstamp})
    plan = plan_between(course(), course(meetings=(newer, meeting(1))), told_of(course()).told)
    assert kinds(plan) == [("leader", "invite"), ("employee", "invite"), ("consultant", "invite")]


def test_each_declined_proposal_is_answered_once() -> None:
    """Also where staff decline an older one later; whose meeting is unknown waits for nothing."""
    replies = {number: CounterReply(number=number, meeting_id="a001-m0", ics="ics") for number in (3, 5)}
    strange = CounterReply(number=8, meeting_id="a001-m9", ics="ics")

    def plan(told: Mapping[str, Told], *answers: CounterReply) -> Plan:
        people = {"a001-leader": person("leader", counter_replies=answers)}
        return plan_counters(course(), people, told, sequence=2)

    first = plan({}, replies[5])
    second = plan(first.told, replies[3], replies[5], strange)
    assert [one.about for one in (*first.messages, *second.messages)] == ["counter:5", "counter:3"]
    assert plan(second.told, replies[3], replies[5], strange).messages == ()
    assert plan({}, replies[5]).messages[0].message_id == first.messages[0].message_id


# -- any order ---------------------------------------------------------------------------------------------------------

APPLICATIONS = [application(), application("admitted"), application("withdrawn")]
COURSES = [
    [course("waiting"), course("booked"), course("cancelled")],
    [course("booked"), course("cancelled")],
    [course("booked"), course("completed")],
    [course("waiting"), course("waiting", reasons={"busy": 1}), course("booked")],
    [course("waiting"), course("cancelled")],
]

Numbered = tuple[int, ApplicationState | CourseState]


@dataclass
class Reader:
    """What the use case does, without its database."""

    seen: Seen = field(default_factory=Seen)
    told: Mapping[str, Told] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)

    def read(self, sequence: int, state: ApplicationState | CourseState) -> None:
        half = "applications" if isinstance(state, ApplicationState) else "courses"
        if sequence <= getattr(self.seen, half):
            return
        plan = told_of(state, self.told, sequence=sequence)
        self.ids += [message.message_id for message in plan.messages]
        self.told = plan.told
        self.seen = self.seen.model_copy(update={half: sequence})


def read_all(states: Sequence[Numbered]) -> Reader:
    reader = Reader()
    for sequence, state in states:
        reader.read(sequence, state)
    return reader


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[Numbered], list[Numbered]]:
    applications = list(enumerate(APPLICATIONS[: draw(st.integers(1, 3))], 1))
    courses = list(enumerate(draw(st.sampled_from(COURSES)), 1))
    return applications, courses


@st.composite
def interleaved(draw: st.DrawFn, applications: list[Numbered], courses: list[Numbered]) -> list[Numbered]:
    """Both streams in their own order, and any record so far again at any time."""
    left, right, merged = list(applications), list(courses), []
    while left or right:
        stream = draw(st.sampled_from([stream for stream in (left, right) if stream]))
        merged.append(stream.pop(0))
        merged += draw(st.lists(st.sampled_from(merged), max_size=2))
    return merged


@settings(deadline=None)
@given(st.data())
def test_whichever_topic_is_faster_and_whatever_comes_twice_the_same_mails_go_out(data: st.DataObject) -> None:
    """Two topics are never in order with each other, and every record may be read again."""
    applications, courses = data.draw(streams())
    in_order = read_all([*applications, *courses])
    read = read_all(data.draw(interleaved(applications, courses)))
    assert sorted(read.ids) == sorted(in_order.ids)
    assert len(set(read.ids)) == len(read.ids)
    assert read.told == in_order.told


@settings(deadline=None)
@given(st.data())
def test_in_any_order_at_all_people_end_up_knowing_the_newest_state(data: st.DataObject) -> None:
    """Records that come late are dropped; what people believe in the end depends on the newest state alone."""
    applications, courses = data.draw(streams())
    shuffled = data.draw(st.permutations([*applications, *courses, *courses]))
    assert read_all(shuffled).told == read_all([*applications, *courses]).told


def test_people_in_the_samples_are_those_of_the_states() -> None:
    """The tests above would prove nothing with people that the states do not name."""
    found: dict[str, Person] = people_of(course())
    assert set(found) == {*course().contacts, course().consultant_id}
