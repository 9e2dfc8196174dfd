"""Facts of each kind of mail, with characters that must be escaped somewhere."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.notifier.compose import Voice
from services.notifier.facts import (
    CancellationFacts,
    CourseBookedFacts,
    DeclinedFacts,
    Facts,
    InviteFacts,
    MeetingFacts,
    NewLinkFacts,
    PersonFacts,
    ReceiptFacts,
    WaitingListFacts,
    WithdrawnFacts,
)

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
VOICE = Voice(programme="SPARK", sender="SPARK-sekretariatet", privacy_url="https://forloeb.example/persondata")
REFERENCE = "SPARK-7K4M-2QX9"

MEETINGS = (
    MeetingFacts(
        label="Planlægningsmøde",
        starts=datetime(2027, 1, 12, 9, 0, tzinfo=COPENHAGEN),
        ends=datetime(2027, 1, 12, 12, 0, tzinfo=COPENHAGEN),
        place="Plejecenter Åbrinken & Søn, Søndergade 1, 6200 Aabenraa",
        preparation="Tal sammen om <jeres> hverdag & tag stikord med.",
    ),
    MeetingFacts(
        label="Workshop 1",
        starts=datetime(2027, 6, 15, 12, 30, tzinfo=COPENHAGEN),
        ends=datetime(2027, 6, 15, 15, 30, tzinfo=COPENHAGEN),
    ),
)
PEOPLE = (
    PersonFacts("Åse <Holm>", "leader", mail="ase@kommune.example", phone="12 34 56 78"),
    PersonFacts("Bo & Lind", "employee"),
)

FACTS: dict[str, Facts] = {
    "receipt": ReceiptFacts(
        reference=REFERENCE,
        answer_days=5,
        confirm_url="https://forloeb.example/confirm/t0k?a=1&b=2",
        status_url="https://forloeb.example/status/t0k",
    ),
    "receipt-trusted": ReceiptFacts(reference=REFERENCE, answer_days=5, answer_before=date(2026, 11, 9)),
    "receipt-reviewed": ReceiptFacts(
        reference=REFERENCE,
        answer_days=10,
        confirm_url="https://forloeb.example/confirm/t0k",
        reviewed=True,
    ),
    "waiting_list": WaitingListFacts(
        reference=REFERENCE, start_before=date(2027, 5, 3), status_url="https://forloeb.example/status/t0k"
    ),
    "course_booked": CourseBookedFacts(
        reference=REFERENCE,
        reader="contact",
        meetings=MEETINGS,
        people=(PersonFacts("Dorthe Krogh", "consultant"), PEOPLE[1]),
        status_url="https://forloeb.example/status/t0k",
    ),
    "course_booked-consultant": CourseBookedFacts(
        reference=REFERENCE,
        reader="consultant",
        meetings=MEETINGS,
        people=PEOPLE,
        workplaces=("Plejecenter Åbrinken, Søndergade 1, 6200 Aabenraa",),
    ),
    "invite": InviteFacts(meeting=MEETINGS[0]),
    "invite-changed": InviteFacts(meeting=MEETINGS[1], changed=True),
    "cancellation": CancellationFacts(meeting=MEETINGS[0]),
    "cancellation-one": CancellationFacts(meeting=MEETINGS[0], whole_meeting=False),
    "new_link": NewLinkFacts(reference=REFERENCE, status_url="https://forloeb.example/status/t0k"),
    "declined": DeclinedFacts(
        reference=REFERENCE,
        ground="I har allerede et forløb i gang <hos> os & andre.",
        phone="12 34 56 78",
        mail="kontakt@forloeb.example",
    ),
    "withdrawn": WithdrawnFacts(reference=REFERENCE, reader="contact", meetings_cancelled=True),
    "withdrawn-unbooked": WithdrawnFacts(reference=REFERENCE, reader="contact", meetings_cancelled=False),
    "withdrawn-consultant": WithdrawnFacts(reference=REFERENCE, reader="consultant", meetings_cancelled=True),
}
