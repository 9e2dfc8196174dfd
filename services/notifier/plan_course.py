"""Which mails about a course are due: the difference between what people were told and what is true now. Pure.

The ids are derived, so that a plan made again for the same event, after a crash or in another process, is the same plan.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from services.notifier.course_view import Told, ToldCourse, versions
from services.notifier.differences import differs_for, takes_part
from services.notifier.planned import (
    COORDINATORS,
    CalendarObject,
    MessageKind,
    Plan,
    PlannedMessage,
    Stream,
    in_order,
    planned,
)
from shared.events import CourseState, Person


def plan_course(
    state: CourseState,
    people: Mapping[str, Person],
    told: Mapping[str, Told],
    *,
    before: ToldCourse | None = None,
    sequence: int,
    report: bool = False,
) -> Plan:
    """The mails of a newer course. `people` are whoever has or had an invite, as far as they can still be read.

    `before` is the course that people were last told of. With `report` the coordinators hear of what nothing was found for.
    """
    messages: list[PlannedMessage] = []
    after = dict(told)
    obsolete: list[tuple[str, str]] = []
    stream = Stream(state.application_id, "courses", sequence)
    for person in in_order((*state.contacts, *sorted(people.keys() - set(state.contacts))), people):
        known = told.get(person.person_id, Told())
        now = _told_after(state, person, known)
        calendar = list(_calendar(state, person, known, now, stream))
        news = bool(calendar) and differs_for(before=before, known=known, state=state, now=now)
        again = any(message.follows for message in calendar)
        kind = _explaining(state, person, known, now, news=news)
        if kind:
            about, replaces = "stall" if kind == "course_stalled" else "course", known.course is not None
            messages.append(planned(stream, person.person_id, kind, about=about, replaces=replaces, follows=again))
        messages += calendar
        after[person.person_id] = now
        wrong = [*_changed(known, now, news=news, again=again), *(one.about for one in calendar if one.follows)]
        obsolete += [(person.person_id, about) for about in wrong]
    if report:
        known, now = told.get(COORDINATORS, Told()), Told(stall=_stalled_since(state))
        after[COORDINATORS] = now
        if now.stall is not None and now.stall != known.stall:
            messages.append(planned(stream, COORDINATORS, "stall_report", about="stall", replaces=False))
        elif now.stall is None and known.stall is not None:
            obsolete.append((COORDINATORS, "stall"))
    return Plan(tuple(messages), after, tuple(obsolete))


def _calendar(state: CourseState, person: Person, known: Told, now: Told, stream: Stream) -> Iterator[PlannedMessage]:
    invited = takes_part(state, person.person_id)
    for invite in person.invites:
        then, current = known.meetings.get(invite.meeting_id), now.meetings.get(invite.meeting_id)
        kind: MessageKind
        if invite.method == "CANCEL" and then is not None:
            kind = "cancellation"
        elif invited and invite.method == "REQUEST" and current is not None and (then is None or current > then):
            kind = "invite"
        else:
            continue
        carried = CalendarObject(invite.meeting_id, invite.method, invite.ics)
        about, replaces = invite.meeting_id, then is not None
        # Changed before she was asked to it, as far as we know: she may have been before that, too, and taken off since.
        follows = not replaces and invite.sequence > 0
        yield planned(stream, person.person_id, kind, about=about, replaces=replaces, calendar=carried, follows=follows)


def _explaining(state: CourseState, person: Person, known: Told, now: Told, *, news: bool) -> MessageKind | None:
    """The one mail with the whole story. Contacts hear of a withdrawal from their application, not from its course."""
    is_contact = person.person_id in state.contacts
    kind: MessageKind
    match state.state:
        case "booked" if takes_part(state, person.person_id):
            if known.course != "booked":
                return "course_booked"
            # What was in doubt and is not any more is told, too, where everything stays as it was.
            if news or (known.stall is not None and now.stall is None):
                return "course_changed"
            kind, due = "course_stalled", now.stall not in (None, known.stall)
        case "waiting" if is_contact:
            kind, due = "waiting_list", known.course != "waiting"
        case "booked" | "waiting":
            kind, due = "course_left", known.course == "booked"
        case "cancelled" if state.cancelled_by == "staff":
            kind, due = "course_cancelled", known.course in ("booked", "waiting")
        case "cancelled" if not is_contact:
            kind, due = "withdrawn", known.course == "booked"
        case _:
            return None
    return kind if due else None


def _told_after(state: CourseState, person: Person, known: Told) -> Told:
    """Depends on the current state alone, so whatever came before it, and in what order, ends here."""
    course: Literal["waiting", "booked", "completed"] | None = None if state.state == "cancelled" else state.state
    if not takes_part(state, person.person_id):
        course = None
    return known.model_copy(
        update={
            "course": course,
            "meetings": versions(state, person) if state.state == "booked" else {},
            "stall": _stalled_since(state) if person.person_id in state.contacts else None,
        }
    )


def _stalled_since(state: CourseState) -> datetime | None:
    return state.stall.since if state.stall is not None and state.state == "booked" else None


def _changed(known: Told, now: Told, *, news: bool, again: bool) -> Iterator[str]:
    """What older mails are about that are wrong by now."""
    if (known.course is not None or again) and (news or known.course != now.course):
        yield "course"
    if known.stall is not None and known.stall != now.stall:
        yield "stall"
    yield from (about for about, version in known.meetings.items() if now.meetings.get(about) != version)
