"""Facts of each kind of mail, with characters that must be escaped somewhere."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.notifier.compose import Voice
from services.notifier.facts import (
    CancellationFacts,
    CourseBookedFacts,
    CourseCancelledFacts,
    CourseChangedFacts,
    CourseLeftFacts,
    DeclinedFacts,
    Facts,
    InviteFacts,
    MeetingFacts,
    MovedFacts,
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
MOVED = MovedFacts(
    meeting=MEETINGS[0],
    was_starts=datetime(2027, 1, 11, 9, 0, tzinfo=COPENHAGEN),
    was_ends=datetime(2027, 1, 11, 12, 0, tzinfo=COPENHAGEN),
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
    "waiting_list-again": WaitingListFacts(
        reference=REFERENCE, again=True, status_url="https://forloeb.example/status/t0k"
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
    "course_booked-second": CourseBookedFacts(
        reference=REFERENCE, reader="consultant", meetings=MEETINGS[:1], people=PEOPLE, second=True
    ),
    "course_changed": CourseChangedFacts(
        reference=REFERENCE,
        reader="contact",
        moved=(MOVED,),
        handed_over=True,
        meetings=MEETINGS,
        people=(PersonFacts("Dorthe Krogh", "consultant"), PEOPLE[1]),
        status_url="https://forloeb.example/status/t0k",
    ),
    "course_changed-people": CourseChangedFacts(
        reference=REFERENCE, reader="contact", moved=(), handed_over=True, meetings=MEETINGS, people=PEOPLE
    ),
    "course_changed-consultant": CourseChangedFacts(
        reference=REFERENCE, reader="consultant", moved=(MOVED,), handed_over=False, meetings=MEETINGS, people=PEOPLE
    ),
    "course_left": CourseLeftFacts(reference=REFERENCE),
    "course_cancelled": CourseCancelledFacts(
        reference=REFERENCE,
        reader="contact",
        meetings_cancelled=True,
        phone="12 34 56 78",
        mail="kontakt@forloeb.example",
    ),
    "course_cancelled-waiting": CourseCancelledFacts(
        reference=REFERENCE,
        reader="contact",
        meetings_cancelled=False,
        phone="12 34 56 78",
        mail="kontakt@forloeb.example",
    ),
    "course_cancelled-consultant": CourseCancelledFacts(
        reference=REFERENCE, reader="consultant", meetings_cancelled=True
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
