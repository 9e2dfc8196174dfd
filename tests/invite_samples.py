"""One invite in full, and the times of the year at which calendar programs go wrong."""

import dataclasses
from datetime import UTC, datetime, timedelta

from services.scheduler.invite import CalendarUser, Invite

INVITE = Invite(
    uid="0b5f6d1e-52b0-4f7c-9a3e-0d1c2b3a4f5e@forloeb.example",
    sequence=2,
    dtstamp=datetime(2026, 11, 2, 8, 30, 15, tzinfo=UTC),
    start=datetime(2027, 1, 12, 8, 0, tzinfo=UTC),
    end=datetime(2027, 1, 12, 11, 0, tzinfo=UTC),
    zone="Europe/Copenhagen",
    summary="SPARK-forløb: planlægningsmøde",
    description="Reference: SPARK-7K4M-2QX9\n\nMed til mødet:\n- Ågot Ærø; leder, \\ 🙂\n" + "blåbærgrød " * 30,
    location="Plejecenter Åbrinken, Søndergade 1, 6200 Aabenraa",
    organizer=CalendarUser("SPARK", "invite+" + "a2" * 21 + "@forloeb.example"),
    attendee=CalendarUser("Jørgensen, Mads", "Mads.Jorgensen@kommune.example"),
)

TIMES = {
    "winter": (datetime(2027, 1, 12, 8, 0, tzinfo=UTC), 3),
    "summer": (datetime(2027, 6, 15, 8, 0, tzinfo=UTC), 3),
    "the morning of the spring change": (datetime(2027, 3, 28, 1, 30, tzinfo=UTC), 2),
    "the repeated hour of the autumn change": (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), 1),
    "after the last date of older tables": (datetime(2040, 6, 15, 8, 0, tzinfo=UTC), 3),
}


def at(start: datetime, hours: int = 3) -> Invite:
    return dataclasses.replace(INVITE, start=start, end=start + timedelta(hours=hours))
