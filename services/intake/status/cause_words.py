"""Why a booked course was changed, or cannot be held as it is, as its contacts are told: neutral, and nobody's fault. Pure."""

from collections.abc import Mapping
from typing import Final

from shared.course_facts import Cause
from shared.words import Words

CHANGED: Final[Mapping[Cause, Words]] = {
    "staff": Words(da="Vi har ændret jeres forløb.", en="We have changed your course."),
    "consultant_declined": Words(
        da="Vi har ændret jeres forløb, fordi konsulenten ikke kunne på et af tidspunkterne.",
        en="We have changed your course, since the consultant could not come at one of the times.",
    ),
    "contacts_declined": Words(
        da="Vi har ændret jeres forløb, fordi I ikke kunne på et af tidspunkterne.",
        en="We have changed your course, since you could not come at one of the times.",
    ),
    "counter": Words(
        da="Et møde er flyttet, fordi der blev foreslået et andet tidspunkt, som passer.",
        en="A meeting has been moved, since another time was proposed that fits.",
    ),
    "new_dates": Words(
        da="Et møde er flyttet til det tidspunkt, I har valgt.",
        en="A meeting has been moved to the time that you chose.",
    ),
    "leave": Words(
        da="Vi har ændret jeres forløb, fordi konsulenten ikke kunne på et af tidspunkterne.",
        en="We have changed your course, since the consultant could not come at one of the times.",
    ),
    "dropped_out": Words(
        da="Vi har ændret jeres forløb, fordi konsulenten ikke længere kan lede det.",
        en="We have changed your course, since the consultant can no longer lead it.",
    ),
    "tailored": Words(
        da="Jeres forløb er blevet tilpasset det, I har aftalt.",
        en="Your course has been adapted to what you agreed on.",
    ),
    "clock_rules": Words(
        da="Vi har rettet jeres møder, fordi reglerne for sommertid er ændret.",
        en="We have corrected your meetings, since the rules of summer time have changed.",
    ),
}

IN_DOUBT: Final[Mapping[Cause, Words]] = {
    "consultant_declined": Words(
        da="Konsulenten kan ikke på dette tidspunkt.", en="The consultant cannot come at this time."
    ),
    "contacts_declined": Words(da="I har alle sagt nej til dette tidspunkt.", en="All of you have declined this time."),
    "leave": Words(da="Konsulenten kan ikke på dette tidspunkt.", en="The consultant cannot come at this time."),
    "dropped_out": Words(
        da="Konsulenten kan ikke længere lede forløbet.", en="The consultant can no longer lead the course."
    ),
}
IN_DOUBT_OTHERWISE: Final = Words(
    da="Mødet kan måske ikke holdes, som det var planlagt.", en="The meeting may not be held as it was planned."
)
