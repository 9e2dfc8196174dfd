"""Puts the pages about parked mails together: the list, and one mail with the forms below it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastapi import Request, Response

from services.intake.imip.answer_words import ANSWERS, PROPOSES
from services.intake.mail_in.mail import PLAIN, StoredMail
from services.intake.parked.form_fields import form_fields, moment
from services.intake.parked.look import Candidates, Opened
from services.intake.parked.reasons import reason_in_words
from services.intake.parts import Parts
from shared.reference.dates import format_span
from shared.staff.staff import Staff
from shared.web import form_token
from shared.words import Language, Words

PAGES: Final = "/review/mail"

FINDINGS: Final[Mapping[str, Words]] = {
    "pass": Words(da="Mailserveren bekræfter afsenderen", en="The mail server confirms the sender"),
    "fail": Words(da="Mailserveren siger, at afsenderen er falsk", en="The mail server says that the sender is forged"),
    "grey": Words(da="Mailserveren kan ikke bekræfte afsenderen", en="The mail server cannot confirm the sender"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One mail in the list; nothing of what it says."""

    address: str
    arrived: str
    age_days: int
    reason: Words
    reference: str


def list_page(
    request: Request,
    mails: list[StoredMail],
    references: Mapping[str, str],
    *,
    staff: Staff,
    parts: Parts,
    language: Language,
) -> Response:
    """`references` are the reference numbers of applications by their ids."""
    lines = [
        Line(
            address=f"{PAGES}/{one.mail_id}",
            arrived=moment(one.received_at, parts, language),
            age_days=(parts.clock() - one.received_at).days,
            reason=reason_in_words(one.reason),
            reference=references.get(one.about.application_id, "") if one.about else "",
        )
        for one in mails
    ]
    return parts.site.page(request, "parked/list.html", language=language, staff=staff, lines=lines)


def mail_page(
    request: Request,
    opened: Opened,
    found: Candidates | None,
    *,
    staff: Staff,
    parts: Parts,
    typed: Mapping[str, str],
    faults: Mapping[str, Words] | None = None,
    reference_wrong: bool = False,
) -> Response:
    """One mail, and either the form for whose answer it is, or the question which application it belongs to."""
    understood, mail = opened.understood, opened.mail
    language = parts.site.language_of(request)
    proposed = understood.proposed_start if understood else None
    registered = {one.mail.lower() for one in found.people.values()} if found else set()
    return parts.site.page(
        request,
        "parked/mail.html",
        language=language,
        status_code=422 if faults or reference_wrong else 200,
        staff=staff,
        address=f"{PAGES}/{mail.mail_id}",
        arrived=moment(mail.received_at, parts, language),
        reason=reason_in_words(mail.reason),
        to_plain=mail.recipient == PLAIN,
        understood=understood,
        finding=FINDINGS[understood.authentication] if understood else None,
        says=_says(opened),
        proposed=_span(proposed, understood.proposed_end if understood else None, parts, language),
        text=opened.text,
        reference=found.application.state.reference if found else "",
        reference_wrong=reference_wrong,
        other_address=opened.other_address if opened.other_address not in registered else "",
        token=form_token.make(key=parts.form_key, subject=subject_of(mail.mail_id, staff), now=parts.clock()),
        form=form_fields(
            found, can_propose=proposed is not None, typed=typed, faults=faults, parts=parts, language=language
        ),
    )


def decided_page(request: Request, *, staff: Staff, parts: Parts) -> Response:
    """For whoever comes too late, or presses twice."""
    language = parts.site.language_of(request)
    return parts.site.page(request, "parked/decided.html", language=language, status_code=409, staff=staff)


def subject_of(mail_id: str, staff: Staff) -> str:
    """Of the form tokens of a mail's page."""
    return f"parked {mail_id} {staff.account}"


def _says(opened: Opened) -> Words | None:
    understood = opened.understood
    if understood is None:
        return None
    if understood.what == "counter":
        return PROPOSES
    return ANSWERS[understood.partstat] if understood.partstat else None


def _span(start: datetime | None, end: datetime | None, parts: Parts, language: Language) -> str:
    if start is None:
        return ""
    zone = parts.programme.tz
    # What strangers send may end before it begins, or in another century.
    known_end = end if end is not None and start < end <= start + timedelta(days=1) else start
    return format_span(start.astimezone(zone), known_end.astimezone(zone), language)
