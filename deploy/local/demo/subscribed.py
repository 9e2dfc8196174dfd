"""A consultant subscribes to her calendar: from the link in her mail to the address, and what a calendar program reads there."""

from datetime import UTC, datetime
from typing import Any

from icalendar import Calendar

from deploy.local.demo.mailboxes import Letter
from deploy.local.demo.outcome import System
from deploy.local.demo.people import JSON


def plan_links(reference: str, letters: list[Letter]) -> list[str]:
    """Links to a consultant's page of this course, the newest last."""
    return [link for one in letters if reference in one.subject for link in one.links_to("forloeb")]


def subscribe(system: System, course: JSON, mailbox: str) -> tuple[str | None, list[str]]:
    """The address of the calendar of whoever leads this course, and what is wrong with it."""
    links = plan_links(course["reference"], system.inbox(mailbox))
    address = system.applicants.feed_address(links[-1]) if links else None
    if address is None:
        return None, [f"{mailbox} has no link that leads to a calendar to subscribe to"]
    return address, feed_faults(course, system.applicants.read_feed(address))


def feed_faults(course: JSON, ics: bytes) -> list[str]:
    """Meetings of a course that a calendar lacks, or has at another time."""
    events: list[Any] = Calendar.from_ical(ics).events
    starts = {str(one["UID"]).partition("@")[0]: one["DTSTART"].dt.astimezone(UTC) for one in events}
    return [
        f"the calendar to subscribe to lacks the meeting of {meeting['start']}"
        for meeting in course["meetings"]
        if meeting["status"] == "confirmed"
        and starts.get(meeting["meeting_id"]) != datetime.fromisoformat(meeting["start"])
    ]
