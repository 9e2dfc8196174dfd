"""What the explaining mails of a change tell: of meetings and consultants that are others now, of a course that is off. Pure."""

from collections.abc import Iterable, Iterator
from typing import Literal

from services.notifier.course_mail_facts import (
    ChangedFacts,
    CourseCancelledFacts,
    CourseChangedFacts,
    CourseStalledFacts,
    Why,
)
from services.notifier.course_view import ToldCourse, versions
from services.notifier.differences import Changes, changes
from services.notifier.fact_parts import MeetingFacts
from services.notifier.reading import Reading
from shared.events import CourseState, Meeting


def changed_facts(about: Reading) -> CourseChangedFacts:
    """Of the meetings that are still to come when it was decided."""
    state, before = about.state, about.before
    coming = [one for one in about.meetings() if one.start > state.decided_at]
    found = Changes()
    if before is not None:
        found = changes(before, state, was=set(about.told.meetings), has=about.asked_to())
    earlier = before.meetings if before else ()
    on = {one.meeting_id for one in state.meetings if one.status == "confirmed"}
    handed_over = before is not None and _handed_over(before, state)
    return CourseChangedFacts(
        reference=state.reference,
        reader=about.reader,
        why=tuple(dict.fromkeys(_why(about, handed_over=handed_over))),
        changed=tuple(_moved(about, found.changed)),
        added=_listed(about, state.meetings, found.added),
        dropped=_listed(about, earlier, set(found.dropped) - on),
        left=_listed(about, earlier, set(found.dropped) & on),
        handed_over=handed_over,
        second=_second(before, state) if before is not None else None,
        invited=_invited(about),
        resolved=about.told.stall is not None and state.stall is None,
        in_doubt=_in_doubt(about) if about.reader == "contact" else (),
        meetings=tuple(about.facts(meeting) for meeting in coming),
        people=about.others(),
        status_url=about.person.links.get("status"),
        plan_url=about.person.links.get("plan"),
    )


def cancelled_facts(about: Reading) -> CourseCancelledFacts:
    """Contacts are told whom to ask."""
    organisation, before = about.programme.organisation, about.before
    asks = about.reader == "contact"
    return CourseCancelledFacts(
        reference=about.state.reference,
        reader=about.reader,
        meetings_cancelled=before is not None and before.state == "booked",
        phone=organisation.phone if asks else "",
        mail=organisation.email if asks else "",
    )


def stalled_facts(about: Reading) -> CourseStalledFacts:
    """Which meetings are in doubt; why is nobody's business yet."""
    return CourseStalledFacts(
        reference=about.state.reference, meetings=_in_doubt(about), status_url=about.person.links.get("status")
    )


def _in_doubt(about: Reading) -> tuple[MeetingFacts, ...]:
    stall = about.state.stall
    return _listed(about, about.meetings(), stall.meetings) if stall else ()


def _listed(about: Reading, meetings: Iterable[Meeting], of: Iterable[str]) -> tuple[MeetingFacts, ...]:
    wanted = set(of)
    return tuple(about.facts(one) for one in meetings if one.meeting_id in wanted)


def _moved(about: Reading, changed: Iterable[str]) -> Iterator[ChangedFacts]:
    for meeting_id in changed:
        meeting, known = about.meeting(meeting_id), about.known(meeting_id)
        if meeting is not None and known is not None:
            now, was = about.facts(meeting), about.facts(known)
            # Where only the people are others, nothing of the meeting itself is to be told.
            if (now.starts, now.ends, now.place) != (was.starts, was.ends, was.place):
                yield ChangedFacts(meeting=now, was=was)


def _why(about: Reading, *, handed_over: bool) -> Iterator[Why]:
    for cause in about.causes:
        if cause == "leave" or cause == "dropped_out":  # noqa: PLR1714 - the type checker narrows this form alone
            yield "consultant_gone" if handed_over else "consultant_away"
        else:
            yield cause


def _handed_over(before: ToldCourse, state: CourseState) -> bool:
    """Whether somebody leads, or takes part as the second, in another's place."""
    replaced = None not in (before.second_id, state.second_id) and before.second_id != state.second_id
    return before.consultant_id != state.consultant_id or replaced


def _second(before: ToldCourse, state: CourseState) -> Literal["came", "went"] | None:
    if (before.second_id is None) == (state.second_id is None):
        return None
    return "came" if before.second_id is None else "went"


def _invited(about: Reading) -> bool:
    """Whether any of the reader's calendar objects asks her anew; one of which only the text is another one does not."""
    told = about.told.meetings
    return any(
        one not in told or told[one].sequence != now.sequence
        for one, now in versions(about.state, about.person).items()
    )
