"""An answer entered by hand, without a mail: somebody has called, or an answer has to be undone. The page, and its HTTP edge."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import uuid4

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.errors import LinkError
from services.intake.imip.answer_words import ANSWERS, PROPOSES
from services.intake.meeting_words import name_of
from services.intake.parked.choice import ChoiceWrongError, choice_of
from services.intake.parked.form_fields import FORM_TOKEN, REVIEW, form_fields, moment
from services.intake.parked.look import Candidates, candidates
from services.intake.parked.staff_say import staff_say
from services.intake.parts import Parts
from services.intake.reference_number import read_reference
from services.intake.status.meeting_rows import span_of
from shared.said import AnsweredBy, CalendarAnswer, CounterProposal, Said
from shared.staff.staff import Staff
from shared.web import form_token
from shared.web.fields import read_fields
from shared.words import Language, Words

SEE_OTHER: Final = 303
ACT: Final = "answer.entered"
SAID_SHOWN_MAX: Final = 12
SOURCE_CHARACTERS: Final = 36
"""Of a UUID."""

BY: Final[Mapping[AnsweredBy, Words]] = {
    "self": Words(da="Personen selv", en="The person"),
    "other": Words(da="En anden samme sted fra", en="Somebody of the same place"),
    "staff": Words(da="Jer", en="Staff"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidLine:
    """One thing that was said, in words. `is_grey`: the mail server could not confirm the sender."""

    at: str
    meeting: Words
    person: str
    answer: Words
    proposed: str
    by: Words
    is_grey: bool


def add_by_hand(router: APIRouter, parts: Parts) -> None:
    """Add `/review/{reference}/answer`."""
    Coordinator = Annotated[Staff, Depends(parts.access.coordinator)]  # noqa: N806 - a type

    @router.get(REVIEW + "/{reference}/answer")
    async def ask(request: Request, reference: str, staff: Coordinator) -> Response:
        found = await _found(reference, parts)
        return _page(request, found, str(uuid4()), staff=staff, parts=parts, typed={})

    @router.post(REVIEW + "/{reference}/answer")
    async def entered(request: Request, reference: str, staff: Coordinator) -> Response:
        found = await _found(reference, parts)
        application, now = found.application, parts.clock()
        fields = dict(await read_fields(request))
        source = fields.get("source", "")[:SOURCE_CHARACTERS]
        subject = _subject(application.id, source, staff)
        if form_token.check(fields.get(FORM_TOKEN, ""), key=parts.form_key, subject=subject, now=now) != "right":
            return _page(request, found, str(uuid4()), staff=staff, parts=parts, typed=fields)
        try:
            choice = choice_of(fields, found.meetings, can_propose=False)
        except ChoiceWrongError as error:
            return _page(request, found, source, staff=staff, parts=parts, typed=fields, faults=error.faults)
        await staff_say(
            application.id,
            choice,
            source=f"hand:{source}",
            act=ACT,
            dtstamp=None,
            staff=staff,
            store=parts.store,
            vault=parts.vault,
            signer=parts.signer,
            programme=parts.programme,
            address_key=parts.address_key,
            now=now,
        )
        return RedirectResponse(_address(found), status_code=SEE_OTHER)


def _page(
    request: Request,
    found: Candidates,
    source: str,
    *,
    staff: Staff,
    parts: Parts,
    typed: Mapping[str, str],
    faults: Mapping[str, Words] | None = None,
) -> Response:
    """The form, and what was said of late. `source` makes what is sent twice count once."""
    application, language = found.application, parts.site.language_of(request)
    lines = (_line(one, found, parts, language) for one in reversed(application.state.said[-SAID_SHOWN_MAX:]))
    return parts.site.page(
        request,
        "parked/answer.html",
        language=language,
        status_code=422 if faults else 200,
        staff=staff,
        reference=application.state.reference,
        address=_address(found),
        source=source,
        token=form_token.make(key=parts.form_key, subject=_subject(application.id, source, staff), now=parts.clock()),
        said=[line for line in lines if line],
        form=form_fields(found, can_propose=False, typed=typed, faults=faults, parts=parts, language=language),
    )


def _line(said: Said, found: Candidates, parts: Parts, language: Language) -> SaidLine | None:
    if not isinstance(said, CalendarAnswer | CounterProposal):
        return None
    meeting = found.course.meeting(said.meeting_id) if found.course else None
    person = found.people.get(said.person_id)
    if meeting is None or person is None:
        return None
    proposed = meeting.model_copy(update={"start": said.start}) if isinstance(said, CounterProposal) else None
    return SaidLine(
        at=moment(said.at, parts, language),
        meeting=name_of(meeting, found.application.state.kind, parts.programme),
        person=person.name,
        answer=PROPOSES if isinstance(said, CounterProposal) else ANSWERS[said.partstat],
        proposed=span_of(proposed, language) if proposed else "",
        by=BY[said.answered_by],
        is_grey=any(one.number == said.number and one.is_grey for one in found.application.said_by),
    )


def _address(found: Candidates) -> str:
    return f"{REVIEW}/{found.application.state.reference}/answer"


def _subject(application_id: str, source: str, staff: Staff) -> str:
    return f"answer {application_id} {source} {staff.account}"


async def _found(typed: str, parts: Parts) -> Candidates:
    reference = read_reference(parts.programme.reference_prefix, typed)
    application = await parts.store.application_by_reference(reference) if reference else None
    if application is None:
        raise LinkError
    return await candidates(application, parts)
