"""What the scheduler did to a course by itself, in words for the history. Pure."""

from collections.abc import Mapping
from typing import Final

from shared.words import Words

SYSTEM: Final = Words(da="systemet", en="the system")
"""Stands where an act of staff names the account."""

BY_ITSELF: Final[Mapping[str, Words]] = {
    "repair.consultant_declined": Words(
        da="Konsulenten sagde nej til et møde, og forløbet er lagt om",
        en="The consultant declined a meeting, and the course was rearranged",
    ),
    "repair.contacts_declined": Words(
        da="Kontaktpersonerne sagde nej til et møde, og det er flyttet",
        en="The contacts declined a meeting, and it was moved",
    ),
    "repair.leave": Words(
        da="Konsulenten har fri på en mødedag, og forløbet er lagt om",
        en="The consultant is on leave on the day of a meeting, and the course was rearranged",
    ),
    "repair.dropped_out": Words(
        da="Konsulenten kan ikke have forløbet længere, og det er lagt om",
        en="The consultant can no longer hold the course, and it was rearranged",
    ),
    "stall.consultant_declined": Words(
        da="Konsulenten sagde nej til et møde, og der er ikke fundet en anden løsning",
        en="The consultant declined a meeting, and nothing else was found",
    ),
    "stall.contacts_declined": Words(
        da="Kontaktpersonerne sagde nej til et møde, og der er ikke fundet et andet tidspunkt",
        en="The contacts declined a meeting, and no other time was found",
    ),
    "stall.leave": Words(
        da="Konsulenten har fri på en mødedag, og der er ikke fundet en anden løsning",
        en="The consultant is on leave on the day of a meeting, and nothing else was found",
    ),
    "stall.dropped_out": Words(
        da="Konsulenten kan ikke have forløbet længere, og der er ikke fundet en anden",
        en="The consultant can no longer hold the course, and nobody else was found",
    ),
    "stall.cleared": Words(da="Forløbet kan holdes som booket", en="The course can be held as booked"),
    "course.counter_followed": Words(
        da="Et møde er flyttet til det tidspunkt, som nogen foreslog",
        en="A meeting was moved to a time that somebody proposed",
    ),
    "course.clock_followed": Words(
        da="Reglerne for sommertid er ændret, og møderne følger uret",
        en="The rules of summer time have changed, and the meetings follow the clock",
    ),
    "course.date_chosen": Words(
        da="Arbejdspladsen har valgt et andet tidspunkt", en="The workplace has chosen another time"
    ),
    "course.counter_refused": Words(da="Et foreslået tidspunkt var ikke muligt", en="A proposed time was not possible"),
}
"""By the code of the history entry."""
