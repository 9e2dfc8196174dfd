"""Why a booked course was changed, or cannot go on as it is, in words. Pure."""

from collections.abc import Mapping
from typing import Final

from shared.course_facts import Cause
from shared.words import Words

CAUSES: Final[Mapping[Cause, Words]] = {
    "staff": Words(da="I har ændret det", en="you have changed it"),
    "consultant_declined": Words(da="konsulenten har sagt nej til et møde", en="the consultant has declined a meeting"),
    "contacts_declined": Words(
        da="kontaktpersonerne har sagt nej til et møde", en="the contacts have declined a meeting"
    ),
    "counter": Words(da="nogen har foreslået et andet tidspunkt", en="somebody has proposed another time"),
    "new_dates": Words(da="arbejdspladsen har valgt et andet tidspunkt", en="the workplace has chosen another time"),
    "leave": Words(da="konsulenten har fri", en="the consultant is away"),
    "dropped_out": Words(da="konsulenten er ikke med længere", en="the consultant is no longer available"),
    "tailored": Words(da="forløbet er tilpasset", en="the course was tailored"),
    "clock_rules": Words(da="reglerne for sommertid er ændret", en="the rules of summer time have changed"),
}
