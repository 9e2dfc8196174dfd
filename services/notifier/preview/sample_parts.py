"""What the samples are made of: meetings, places and people that do not exist, in the reader's language. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.notifier.compose import Voice
from services.notifier.course_mail_facts import ChangedFacts
from services.notifier.fact_parts import MeetingFacts, PersonFacts, TimeFacts
from shared.words import Language

ZONE: Final = ZoneInfo("Europe/Copenhagen")
VOICE: Final = Voice(programme="SPARK", sender="SPARK", privacy_url="https://forloeb.example/persondata")
REFERENCE: Final = "SPARK-7K4M-2QX9"
STATUS_URL: Final = "https://forloeb.example/status/proeve"
PLAN_URL: Final = "https://forloeb.example/plan/proeve"
STAFF_URL: Final = "https://forloeb.example"
PHONE: Final = "00 00 00 00"
MAIL: Final = "kontakt@forloeb.example"
WORKPLACE: Final = "Plejecenter Åbrinken & Lunden, Søndergade 1, 6200 Aabenraa"
ANSWER_UNTIL: Final = datetime(2027, 1, 8, 15, 30, tzinfo=ZONE)
CONSULTANT: Final = PersonFacts("Dorthe Krogh", "consultant")
LEADER: Final = PersonFacts("Åse Holm", "leader", mail="ase.holm@kommune.example", phone="00 00 00 11")
EMPLOYEE: Final = PersonFacts("Bo Lind", "employee", mail="bo.lind@kommune.example", phone="00 00 00 12")
COLLEAGUE: Final = PersonFacts("Bo Lind", "employee")
"""The same one, as the other contact reads of him."""


@dataclass(frozen=True, slots=True)
class Parts:
    """`moved`: the first meeting has another day. `now_online` and `moved_away`: it has another place, and both."""

    meetings: tuple[MeetingFacts, ...]
    moved: ChangedFacts
    now_online: ChangedFacts
    moved_away: ChangedFacts
    proposed: TimeFacts
    possible: tuple[TimeFacts, ...]

    @property
    def opening(self) -> MeetingFacts:
        return self.meetings[0]


def parts(language: Language) -> Parts:
    """Everything that the samples in this language share."""
    english = language == "en"
    opening = MeetingFacts(
        label="opening meeting" if english else "indledende møde",
        starts=_at(2027, 1, 12, 9),
        ends=_at(2027, 1, 12, 12),
        place=WORKPLACE,
        preparation=(
            "Talk with each other about what takes up your everyday work, and what you would like to change. "
            "Note it down in a few words, and bring it along."
            if english
            else "Tal sammen om, hvad der fylder hos jer i hverdagen, og hvad I gerne vil ændre. "
            "Skriv det ned i stikord, og tag det med."
        ),
    )
    first = MeetingFacts(
        label="first meeting" if english else "første møde",
        starts=_at(2027, 2, 9, 12, 30),
        ends=_at(2027, 2, 9, 15, 30),
        place=WORKPLACE,
    )
    last = MeetingFacts(
        label="follow-up" if english else "opfølgning",
        starts=_at(2027, 6, 15, 10),
        ends=_at(2027, 6, 15, 11),
        place="online",
    )
    was = replace(opening, starts=_at(2027, 1, 11, 9), ends=_at(2027, 1, 11, 12))
    town_hall = (
        "Town hall & library, Torvet 1, 6200 Aabenraa" if english else "Rådhuset & Biblioteket, Torvet 1, 6200 Aabenraa"
    )
    return Parts(
        meetings=(opening, first, last),
        moved=ChangedFacts(meeting=opening, was=was),
        now_online=ChangedFacts(meeting=replace(opening, place="online"), was=opening),
        moved_away=ChangedFacts(meeting=replace(opening, place=town_hall), was=replace(was, place="online")),
        proposed=TimeFacts(_at(2027, 1, 14, 9), _at(2027, 1, 14, 12)),
        possible=tuple(TimeFacts(_at(2027, 1, day, 13), _at(2027, 1, day, 16)) for day in (14, 15, 19)),
    )


def _at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)
