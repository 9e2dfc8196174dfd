"""Facts of each kind of mail, as previews, tests and the trial of an organisation's own words take them. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import get_args

from services.notifier.address_mail_facts import AddressChangedFacts, AddressReportFacts, AddressWantedFacts
from services.notifier.facts import (
    DeclinedFacts,
    Facts,
    NewLinkFacts,
    ReceiptFacts,
    WaitingListFacts,
    WithdrawnFacts,
)
from services.notifier.meeting_mail_facts import (
    CancellationFacts,
    ConfirmAnswerFacts,
    CounterDeclinedFacts,
    HeldAs,
    InviteFacts,
)
from services.notifier.preview.course_samples import course_samples
from services.notifier.preview.sample_parts import (
    ANSWER_UNTIL,
    MAIL,
    PHONE,
    REFERENCE,
    STAFF_URL,
    STATUS_URL,
    Parts,
    parts,
)
from services.notifier.preview.timed_samples import timed_samples
from shared.words import Language


def samples(language: Language) -> Mapping[str, Facts]:
    """By name: the kind (`receipt`), or the kind and what is special about it (`receipt-reviewed`). Labels are in this language."""
    of = parts(language)
    return {
        **_of_applications(language),
        **course_samples(of),
        **_of_meetings(of),
        **timed_samples(of, language),
        "address_wanted": AddressWantedFacts(reference=REFERENCE, status_url=STATUS_URL),
        "address_changed": AddressChangedFacts(reference=REFERENCE, phone=PHONE, mail=MAIL),
        "address_report": AddressReportFacts(
            reference=REFERENCE, messages_url=f"{STAFF_URL}/messages/applications/proeve"
        ),
    }


def _of_applications(language: Language) -> dict[str, Facts]:
    ground = (
        "You already have a course in progress with us. Apply again when it has ended."
        if language == "en"
        else "I har allerede et forløb i gang hos os. Søg igen, når det er slut."
    )
    return {
        "receipt": ReceiptFacts(reference=REFERENCE, answer_days=5, confirm_url=STATUS_URL),
        "receipt-trusted": ReceiptFacts(
            reference=REFERENCE, answer_days=5, answer_before=date(2026, 11, 9), status_url=STATUS_URL
        ),
        "receipt-reviewed": ReceiptFacts(reference=REFERENCE, answer_days=10, confirm_url=STATUS_URL, reviewed=True),
        "receipt-reviewed-trusted": ReceiptFacts(
            reference=REFERENCE, answer_days=10, answer_before=date(2026, 11, 9), status_url=STATUS_URL, reviewed=True
        ),
        "waiting_list": WaitingListFacts(reference=REFERENCE, start_before=date(2027, 5, 3), status_url=STATUS_URL),
        "waiting_list-again": WaitingListFacts(reference=REFERENCE, again=True, status_url=STATUS_URL),
        "waiting_list-decided": WaitingListFacts(
            reference=REFERENCE, start_before=date(2027, 5, 3), status_url=STATUS_URL, decided=True
        ),
        "new_link": NewLinkFacts(reference=REFERENCE, status_url=STATUS_URL),
        "declined": DeclinedFacts(reference=REFERENCE, ground=ground, phone=PHONE, mail=MAIL),
        "declined-without-ground": DeclinedFacts(reference=REFERENCE, ground="", phone=PHONE, mail=MAIL),
        "withdrawn": WithdrawnFacts(reference=REFERENCE, reader="contact", meetings_cancelled=True),
        "withdrawn-unbooked": WithdrawnFacts(reference=REFERENCE, reader="contact", meetings_cancelled=False),
        "withdrawn-consultant": WithdrawnFacts(reference=REFERENCE, reader="consultant", meetings_cancelled=True),
    }


def _of_meetings(of: Parts) -> dict[str, Facts]:
    opening, online = of.opening, of.meetings[2]
    return {
        "invite": InviteFacts(meeting=opening),
        "invite-changed": InviteFacts(meeting=online, changed=True),
        "invite-reworded": InviteFacts(meeting=online, changed=True, reworded=True),
        "cancellation": CancellationFacts(meeting=opening),
        "cancellation-one": CancellationFacts(meeting=opening, whole_meeting=False),
        "counter_declined": CounterDeclinedFacts(
            reference=REFERENCE,
            reader="contact",
            meeting=opening,
            proposed=of.proposed,
            possible=of.possible,
            status_url=STATUS_URL,
        ),
        "counter_declined-consultant": CounterDeclinedFacts(
            reference=REFERENCE,
            reader="consultant",
            meeting=opening,
            proposed=of.proposed,
            possible=of.possible[:1],
        ),
        "counter_declined-choice": CounterDeclinedFacts(
            reference=REFERENCE, reader="consultant", meeting=opening, possible=of.possible
        ),
        "counter_declined-nothing": CounterDeclinedFacts(reference=REFERENCE, reader="consultant", meeting=opening),
        **_confirm_answers(of),
    }


def _confirm_answers(of: Parts) -> dict[str, Facts]:
    link = "https://forloeb.example/svar/proeve"
    return {
        "confirm_answer": ConfirmAnswerFacts(
            reference=REFERENCE,
            answer="other_time",
            until=ANSWER_UNTIL,
            answer_url=link,
            meeting=of.opening,
            proposed=of.proposed,
        ),
        **{
            f"confirm_answer-{answer}": ConfirmAnswerFacts(
                reference=REFERENCE,
                answer=answer,
                until=ANSWER_UNTIL,
                answer_url=link,
                meeting=of.opening if answer != "maybe" else None,
            )
            for answer in get_args(HeldAs)
        },
    }
