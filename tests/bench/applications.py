"""What the benchmarks send in: applications that differ in everybody's addresses, and a roster that can take them all."""

from typing import Any

import orjson

from shared.programme import load_programme
from shared.settings import CommonSettings

PROGRAMME = CommonSettings.model_fields["programme"].default
# Municipalities from all over the country with their codes and a postal town each.
TOWNS = (
    ("101", "2100", "København Ø"),
    ("157", "2900", "Hellerup"),
    ("265", "4000", "Roskilde"),
    ("330", "4200", "Slagelse"),
    ("461", "5000", "Odense C"),
    ("561", "6700", "Esbjerg"),
    ("751", "8000", "Aarhus C"),
    ("851", "9000", "Aalborg"),
)
WEEK = {day: [["08:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
COURSES_PER_CONSULTANT = 8


def application(name: str) -> bytes:
    """The body of one application. `name` is letters and digits, and stands in the contacts' addresses."""
    municipality, postal_code, town = TOWNS[hash_of(name) % len(TOWNS)]
    contact = {"phone": "10 00 02 03", "language": "da"}
    return orjson.dumps(
        {
            "kind": "single",
            "committee": {"kind": "lokal_med"},
            "municipalities": [municipality],
            "workplaces": [
                {
                    "name": "Plejecenter Fjordblik",
                    "street": "Havnevej 12",
                    "postal_code": postal_code,
                    "town": town,
                    "municipality": municipality,
                }
            ],
            "sector": "aeldrepleje",
            "employees": 88,
            "participants": 8,
            "contacts": {
                "leader": contact
                | {"name": "Birthe Storm", "title": "Plejecenterleder", "email": f"leder.{name}@kommune.example"},
                "employee_representative": contact
                | {
                    "name": "Carsten Vad",
                    "title": "Social- og sundhedsassistent",
                    "email": f"medarbejder.{name}@kommune.example",
                    "role": "tr",
                },
            },
            "themes": ["vold_trusler"],
            "challenge": "Vi oplever flere trusler end før og håndterer dem forskelligt.",
            "desired_change": "Vi vil have fælles aftaler om, hvad vi gør før, under og efter en episode.",
            "agreed": True,
            "evaluation": True,
            "privacy_read": True,
        }
    )


def hash_of(name: str) -> int:
    """The same in every process, unlike `hash`."""
    return sum(name.encode()) + len(name)


def roster(courses: int) -> bytes:
    """A roster file with room for so many courses, and half as many again: nobody has to wait."""
    themes = [theme.code for theme in load_programme(PROGRAMME).themes]
    people = courses * 3 // (2 * COURSES_PER_CONSULTANT) + len(TOWNS)
    rows: list[dict[str, Any]] = [
        {
            "id": f"konsulent-{number:03}",
            "name": f"Konsulent {number}",
            "mail": f"konsulent{number}@konsulenter.example",
            "phone": "12 34 56 78",
            "municipality": TOWNS[number % len(TOWNS)][0],
            "hours": WEEK,
            "themes": themes,
            "sectors": ["aeldrepleje"],
            "max_courses": COURSES_PER_CONSULTANT,
        }
        for number in range(people)
    ]
    return orjson.dumps(rows)
