"""What the explaining mails of a change by staff tell: of meetings that moved, of other consultants, of a course that is off. Pure."""

from services.notifier.facts import CourseCancelledFacts, CourseChangedFacts, MovedFacts
from services.notifier.reading import Reading


def changed_facts(about: Reading) -> CourseChangedFacts:
    """Of the meetings that are still to come when it was decided."""
    state, before = about.state, about.before
    coming = [one for one in about.meetings() if one.start > state.decided_at]
    moved = []
    for meeting in coming:
        known = about.facts(about.known(meeting))
        now = about.facts(meeting)
        if known.starts != now.starts:
            moved.append(MovedFacts(meeting=now, was_starts=known.starts, was_ends=known.ends))
    return CourseChangedFacts(
        reference=state.reference,
        reader=about.reader,
        moved=tuple(moved),
        handed_over=before is not None
        and (before.consultant_id, before.second_id) != (state.consultant_id, state.second_id),
        meetings=tuple(about.facts(meeting) for meeting in coming),
        people=about.others(),
        status_url=about.person.links.get("status"),
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
