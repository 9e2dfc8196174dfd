"""Parked mails for programs of the organisation: listed by ids and codes, attributed, discarded. What they say is for people alone."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from services.intake.errors import LinkError, StateForbidsError
from services.intake.parked.attribute import attribute, discard
from services.intake.parked.choice import Answer, Choice
from services.intake.parked.look import open_mail, parked_mails
from services.intake.parts import Parts
from shared.staff.staff import Staff

API: Final = "/api/v1/parked"
ID_CHARACTERS_MAX: Final = 100

Id = Annotated[str, Field(min_length=1, max_length=ID_CHARACTERS_MAX)]


class ParkedMail(BaseModel):
    """`reason` is the code for why it waits; the ids are of whom it came to, where that is known."""

    mail_id: str
    received_at: datetime
    reason: str
    application_id: str | None = None
    meeting_id: str | None = None
    person_id: str | None = None


class ParkedMails(BaseModel):
    mails: list[ParkedMail]


class Attribution(BaseModel):
    """`also_hers`: the address that answered is hers, too, from now on."""

    model_config = ConfigDict(extra="forbid")

    application_id: Id
    meeting_id: Id
    person_id: Id
    answer: Answer
    also_hers: bool = False


def routes(parts: Parts) -> APIRouter:
    router = APIRouter(prefix=API, include_in_schema=False)
    Program = Annotated[Staff, Depends(parts.access.program)]  # noqa: N806 - a type

    @router.get("")
    async def mails(_staff: Program) -> ParkedMails:
        return ParkedMails(
            mails=[
                ParkedMail(
                    mail_id=one.mail_id,
                    received_at=one.received_at,
                    reason=one.reason,
                    application_id=one.about.application_id if one.about else None,
                    meeting_id=one.about.meeting_id if one.about else None,
                    person_id=one.about.person_id if one.about else None,
                )
                for one in await parked_mails(parts)
            ]
        )

    @router.post("/{mail_id}/attribute", status_code=204)
    async def attributed(mail_id: str, asked: Attribution, staff: Program) -> Response:
        opened = await open_mail(mail_id, parts)
        proposed = opened.understood.proposed_start if opened.understood else None
        if await parts.store.application(asked.application_id) is None:
            raise LinkError
        if asked.answer == "PROPOSAL" and proposed is None:
            raise StateForbidsError
        await attribute(
            opened.mail,
            asked.application_id,
            Choice(
                meeting_id=asked.meeting_id,
                person_id=asked.person_id,
                answer=asked.answer,
                also_hers=asked.also_hers,
            ),
            understood=opened.understood,
            other_address=opened.other_address,
            staff=staff,
            parts=parts,
            now=parts.clock(),
        )
        return Response(status_code=204)

    @router.post("/{mail_id}/discard", status_code=204)
    async def discarded(mail_id: str, staff: Program) -> Response:
        opened = await open_mail(mail_id, parts)
        await discard(opened.mail, staff=staff, parts=parts, now=parts.clock())
        return Response(status_code=204)

    return router
