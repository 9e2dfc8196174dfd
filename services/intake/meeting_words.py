"""The names of meetings and of the places where they are held, as applicants read them. Pure."""

from collections.abc import Mapping
from typing import Final

from shared.events import CourseKind, Meeting
from shared.programme import Programme
from shared.programme_meetings import PlannedMeeting
from shared.words import Words

PLACES: Final[Mapping[str, Words]] = {
    "workplace": Words(da="Hos jer", en="At your workplace"),
    "online": Words(da="Online", en="Online"),
    "venue": Words(da="Et andet sted", en="At another place"),
}


def planned_meeting(code: str, kind: CourseKind, programme: Programme) -> PlannedMeeting | None:
    """The meeting of this code in the programme's plan; None where the plan no longer has it."""
    plan = programme.plans.get(kind)
    return plan.meeting(code) if plan else None


def meeting_name(code: str, kind: CourseKind, programme: Programme) -> Words:
    """The name of a meeting by its code; the code itself where the programme's plan no longer has it."""
    planned = planned_meeting(code, kind, programme)
    return planned.name if planned else Words(da=code, en=code)


def name_of(meeting: Meeting, kind: CourseKind, programme: Programme) -> Words:
    """The name of a meeting as it was told; by its code where it was told without."""
    if meeting.label is not None:
        return Words(da=meeting.label.da, en=meeting.label.en)
    return meeting_name(meeting.code, kind, programme)
