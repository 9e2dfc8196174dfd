"""Courses and consultants as staff's API shows them: courses name people by id only."""

from typing import Any

from services.scheduler.course import Course
from services.scheduler.means import Means
from services.scheduler.overdue import overdue_of
from services.scheduler.people import open_consultant
from services.scheduler.roster import RosterFacts
from shared.mongo import Document
from shared.vault import ErasedError, Vault


def course_as_json(course: Course, *, means: Means) -> dict[str, Any]:
    """A course without anybody's data: no themes, no workplace, no names, and of what staff did not the reasons."""
    return {
        "application_id": course.application_id,
        "reference": course.request.reference,
        "kind": course.request.kind,
        "format": course.request.format,
        "municipalities": list(course.request.municipalities),
        "state": course.state,
        "consultant": course.consultant_id,
        "second": course.second_id,
        "pinned": course.pinned,
        "excluded": list(course.excluded),
        "held": course.held,
        "overdue": overdue_of(course, means.today(), means.programme),
        "cancelled_by": course.cancelled_by,
        "earliest": course.window.earliest.isoformat(),
        "latest_start": course.window.latest_start.isoformat(),
        "latest": course.window.latest.isoformat(),
        "decided_at": course.decided_at.isoformat(),
        "reasons": course.reasons,
        "meetings": [
            {
                "meeting_id": meeting.meeting_id,
                "code": meeting.code,
                "name": meeting.name.model_dump(),
                "place": meeting.place,
                "workplace": meeting.workplace,
                "start": meeting.start.isoformat(),
                "wall_start": meeting.wall_start,
                "zone": meeting.zone,
                "minutes": meeting.minutes,
                "status": meeting.status,
                "sequence": meeting.sequence,
            }
            for meeting in course.meetings
        ],
        "answers": [one.model_dump(mode="json") for one in course.answers],
        "cause": course.cause,
        "stall": None if course.stall is None else course.stall.model_dump(mode="json"),
        "offer": None if course.offer is None else course.offer.model_dump(mode="json"),
        "open_counters": [one.model_dump(mode="json") for one in course.open_counters],
        "declined_counters": [one.told().model_dump(mode="json") for one in course.declined_counters],
        "history": [entry.model_dump(mode="json", exclude={"reason"}) for entry in course.history],
    }


async def consultant_as_json(document: Document, *, vault: Vault) -> dict[str, Any]:
    """A consultant as she would be written back; `erased` instead of a name where nobody may know it any more."""
    facts = {"id": document["_id"], **RosterFacts.model_validate(document).model_dump(mode="json")}
    facts["blocked_workplaces_count"] = len(facts.pop("blocked_workplaces"))
    try:
        person = await open_consultant(document, vault=vault)
    except ErasedError:
        return {**facts, "erased": True}
    return {**facts, **person.model_dump(include={"name", "mail", "phone", "title", "language"})}
