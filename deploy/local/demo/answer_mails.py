"""Writes the mails with which people's calendar programs answer an invite, each in its own way: four kinds of programs. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Final, Literal
from zoneinfo import ZoneInfo

from deploy.local.demo.calendar_lines import Lines, calendar_object, danish_zone, quoted, text, utc
from deploy.local.demo.mailboxes import CalendarObject

Partstat = Literal["ACCEPTED", "TENTATIVE", "DECLINED"]

COPENHAGEN: Final = ZoneInfo("Europe/Copenhagen")
WORDS: Final[Mapping[Partstat, str]] = {"ACCEPTED": "Accepteret", "TENTATIVE": "Foreløbig", "DECLINED": "Afvist"}
PROPOSES: Final = "Nyt tidspunkt foreslået"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What somebody answers to an invite, or the start that she proposes instead. `at` is when she does so."""

    meeting: CalendarObject
    name: str
    mail: str
    at: datetime
    partstat: Partstat = "ACCEPTED"
    proposed: datetime | None = None

    @property
    def method(self) -> str:
        return "REPLY" if self.proposed is None else "COUNTER"

    @property
    def subject(self) -> str:
        return f"{WORDS[self.partstat] if self.proposed is None else PROPOSES}: {self.meeting.summary}"

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Begin and end as the answer tells them: those that are proposed, else the invite's."""
        begin = self.proposed or self.meeting.starts_at
        return begin, begin + (self.meeting.ends_at - self.meeting.starts_at)


def like_outlook(reply: Reply) -> bytes:
    """No ORGANIZER, a zone by its Windows name, base64; a proposal says TENTATIVE and where the meeting was."""
    zone, partstat = "Romance Standard Time", reply.partstat if reply.proposed is None else "TENTATIVE"
    was = reply.meeting
    event = [
        f"ATTENDEE;PARTSTAT={partstat};CN={quoted(reply.name)}:MAILTO:{reply.mail}",
        "COMMENT;LANGUAGE=da-DK:\\n",
        f"UID:{was.uid}",
        f"SUMMARY;LANGUAGE=da-DK:{text(reply.subject)}",
        *_wall_times(reply, zone),
        "CLASS:PUBLIC",
        "PRIORITY:5",
        f"DTSTAMP:{utc(reply.at)}",
        "TRANSP:OPAQUE",
        "STATUS:CONFIRMED",
        f"SEQUENCE:{was.sequence}",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
    ]
    if reply.proposed is not None:
        event += [f"X-MS-OLK-ORIGINALSTART:{utc(was.starts_at)}", f"X-MS-OLK-ORIGINALEND:{utc(was.ends_at)}"]
    head = [f"METHOD:{reply.method}", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0"]
    mail = _mail(reply)
    mail.set_content("")
    mail.add_alternative(
        calendar_object(head, danish_zone(zone), event),
        "text",
        "calendar",
        cte="base64",
        params={"charset": "utf-8", "method": reply.method},
    )
    return mail.as_bytes()


def like_google(reply: Reply) -> bytes:
    """UTC times, a copy as an attachment, marked as written by a machine; a proposal says ACCEPTED, with a comment in a parameter."""
    answer = f"PARTSTAT={reply.partstat};X-NUM-GUESTS=0"
    if reply.proposed is not None:
        answer = 'PARTSTAT=ACCEPTED;X-NUM-GUESTS=0;X-RESPONSE-COMMENT="Passer det her bedre?"'
    begin, end = reply.span
    event = [
        f"DTSTART:{utc(begin)}",
        f"DTEND:{utc(end)}",
        f"DTSTAMP:{utc(reply.at)}",
        f"ORGANIZER;CN={reply.meeting.organizer}:mailto:{reply.meeting.organizer}",
        f"UID:{reply.meeting.uid}",
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;{answer};CN={quoted(reply.name)}:mailto:{reply.mail}",
        f"CREATED:{utc(reply.at)}",
        f"LAST-MODIFIED:{utc(reply.at)}",
        f"SEQUENCE:{reply.meeting.sequence}",
        "STATUS:CONFIRMED",
        f"SUMMARY:{text(reply.meeting.summary)}",
        "TRANSP:OPAQUE",
    ]
    head = ["PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN"]
    calendar = calendar_object([*head, f"METHOD:{reply.method}"], [], event)
    mail = _mail(reply)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{reply.name} har svaret.\n")
    mail.add_alternative(f"<p>{reply.name} har svaret.</p>\n", subtype="html")
    mail.add_alternative(
        calendar, "text", "calendar", cte="quoted-printable", params={"charset": "UTF-8", "method": reply.method}
    )
    mail.add_attachment(calendar, maintype="application", subtype="ics", filename="invite.ics")
    return mail.as_bytes()


def like_apple(reply: Reply) -> bytes:
    """The mail itself does not state the method; the calendar part is an attachment in quoted-printable."""
    event = [
        *_standard_identity(reply),
        *_wall_times(reply, COPENHAGEN.key),
        f"SUMMARY:{text(reply.meeting.summary)}",
        f"LAST-MODIFIED:{utc(reply.at)}",
    ]
    head = ["VERSION:2.0", "PRODID:-//Apple Inc.//macOS 15.1//EN", "CALSCALE:GREGORIAN", f"METHOD:{reply.method}"]
    mail = _mail(reply)
    mail.set_content(f"{reply.subject}\n")
    mail.add_attachment(
        calendar_object(head, danish_zone(COPENHAGEN.key), event),
        "text",
        "calendar",
        cte="quoted-printable",
        filename="iCal-20261122.ics",
        params={"charset": "utf-8"},
    )
    return mail.as_bytes()


def like_thunderbird(reply: Reply) -> bytes:
    """8 bit, one alternative, all that the standard asks for."""
    event = [
        f"CREATED:{utc(reply.at)}",
        *_standard_identity(reply),
        *_wall_times(reply, COPENHAGEN.key),
        f"SUMMARY:{text(reply.meeting.summary)}",
    ]
    head = ["PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN", "VERSION:2.0", f"METHOD:{reply.method}"]
    mail = _mail(reply)
    mail.set_content(f"{reply.name}: {reply.subject}\n")
    mail.add_alternative(
        calendar_object(head, danish_zone(COPENHAGEN.key), event),
        "text",
        "calendar",
        cte="8bit",
        params={"method": reply.method, "charset": "UTF-8"},
    )
    return mail.as_bytes()


PROGRAMS: Final[Mapping[str, Callable[[Reply], bytes]]] = {
    "Outlook": like_outlook,
    "Google": like_google,
    "Apple": like_apple,
    "Thunderbird": like_thunderbird,
}


def _mail(reply: Reply) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = formataddr((reply.name, reply.mail)), reply.meeting.organizer
    mail["Subject"], mail["Date"] = reply.subject, format_datetime(reply.at)
    moment = f"{reply.at:%Y%m%d%H%M%S%f}.{reply.meeting.uid.partition('@')[0]}"
    mail["Message-ID"] = f"<{moment}.{reply.mail}>"
    return mail


def _standard_identity(reply: Reply) -> Lines:
    """What tells whose answer to what it is, as RFC 5546 has it."""
    return [
        f"UID:{reply.meeting.uid}",
        f"DTSTAMP:{utc(reply.at)}",
        f"SEQUENCE:{reply.meeting.sequence}",
        f"ORGANIZER:mailto:{reply.meeting.organizer}",
        f"ATTENDEE;CN={quoted(reply.name)};PARTSTAT={reply.partstat}:mailto:{reply.mail}",
    ]


def _wall_times(reply: Reply, zone: str) -> Lines:
    begin, end = (one.astimezone(COPENHAGEN) for one in reply.span)
    return [f"DTSTART;TZID={zone}:{begin:%Y%m%dT%H%M%S}", f"DTEND;TZID={zone}:{end:%Y%m%dT%H%M%S}"]
