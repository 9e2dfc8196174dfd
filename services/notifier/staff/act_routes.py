"""The HTTP edge of what staff change about mails. An act takes two POSTs, the first of which only asks back."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from services.notifier.staff.act_on_address import lift_address
from services.notifier.staff.act_on_message import UnknownMessageError, move_message, send_again, stop_message
from services.notifier.staff.act_on_planned import move_planned, stop_planned
from services.notifier.staff.act_pages import (
    CONFIRMED,
    FORM_TOKEN,
    Act,
    form_page,
    impossible_page,
    question_page,
    token_is_right,
)
from services.notifier.staff.act_words import MessageAct, PlannedAct
from services.notifier.staff.acts import act_on_address, act_on_message, act_on_planned
from services.notifier.staff.desk import PAGES, StaffDesk
from services.notifier.staff.forms import FormWrongError, Typed, typed_of
from services.notifier.staff.refusals import Refused
from services.notifier.staff.rows import Rows
from shared.staff.staff import Staff
from shared.web.fields import read_fields

SEE_OTHER: Final = 303
NUMBER_CHARS_MAX: Final = 3

ApplicationId = Annotated[str, Path(pattern=r"^[0-9a-z-]{1,60}$")]
MessageId = Annotated[str, Path(pattern=r"^[0-9a-z-]{1,60}$")]
Key = Annotated[str, Path(pattern=r"^[0-9A-Za-z_:.-]{1,250}$")]
Digest = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{22}$")]
Do = Callable[[Typed, Mapping[str, str]], Awaitable[str | Refused]]
"""Does it; the address to go to afterwards, or why it was not done."""


def add_acts(router: APIRouter, desk: StaffDesk) -> None:
    """Add the addresses below `/messages`."""
    _add_on_planned(router, desk)
    _add_on_addresses(router, desk)
    _add_on_messages(router, desk)


def _add_on_messages(router: APIRouter, desk: StaffDesk) -> None:
    Coordinator = Annotated[Staff, Depends(desk.access.coordinator)]  # noqa: N806 - a type

    @router.get("/{message_id}/acts/{kind}")
    async def form(request: Request, message_id: MessageId, kind: MessageAct, staff: Coordinator) -> Response:
        act, refused = await _act(request, message_id, kind)
        return _shown(request, act, refused, staff=staff, desk=desk)

    @router.post("/{message_id}/acts/{kind}")
    async def act(request: Request, message_id: MessageId, kind: MessageAct, staff: Coordinator) -> Response:
        async def do(typed: Typed, fields: Mapping[str, str]) -> str | Refused:
            if kind == "again":
                number = _number(fields.get("number", ""))
                done = await send_again(message_id, typed.reason, number=number, staff=staff, desk=desk)
                return done if isinstance(done, Refused) else f"{PAGES}/{done}?done=again"
            if kind == "move" and typed.due_at is not None:
                refused = await move_message(message_id, typed.due_at, typed.reason, staff=staff, desk=desk)
            else:
                refused = await stop_message(message_id, typed.reason, staff=staff, desk=desk)
            return refused or f"{PAGES}/{message_id}?done={kind}"

        act, refused = await _act(request, message_id, kind)
        return await _taken(request, act, refused, do, staff=staff, desk=desk)

    async def _act(request: Request, message_id: str, kind: MessageAct) -> tuple[Act, Refused | None]:
        try:
            return await act_on_message(message_id, kind, desk.site.language_of(request), desk=desk)
        except UnknownMessageError:
            raise HTTPException(404, "There is no such mail") from None


def _add_on_planned(router: APIRouter, desk: StaffDesk) -> None:
    Coordinator = Annotated[Staff, Depends(desk.access.coordinator)]  # noqa: N806 - a type
    address = "/planned/{application_id}/{key}/acts/{kind}"

    @router.get(address)
    async def form(
        request: Request, application_id: ApplicationId, key: Key, kind: PlannedAct, staff: Coordinator
    ) -> Response:
        act, refused = await act_on_planned(application_id, key, kind, desk.site.language_of(request), desk=desk)
        return _shown(request, act, refused, staff=staff, desk=desk)

    @router.post(address)
    async def act(
        request: Request, application_id: ApplicationId, key: Key, kind: PlannedAct, staff: Coordinator
    ) -> Response:
        async def do(typed: Typed, _fields: Mapping[str, str]) -> str | Refused:
            if kind == "move" and typed.due_at is not None:
                done = await move_planned(application_id, key, typed.due_at, typed.reason, staff=staff, desk=desk)
            else:
                stop = kind == "stop"
                done = await stop_planned(application_id, key, typed.reason, stop=stop, staff=staff, desk=desk)
            return done or f"{PAGES}/applications/{application_id}?done=planned-{kind}"

        act, refused = await act_on_planned(application_id, key, kind, desk.site.language_of(request), desk=desk)
        return await _taken(request, act, refused, do, staff=staff, desk=desk)


def _add_on_addresses(router: APIRouter, desk: StaffDesk) -> None:
    Coordinator = Annotated[Staff, Depends(desk.access.coordinator)]  # noqa: N806 - a type

    @router.get("/suppressed/{digest}/lift")
    async def form(request: Request, digest: Digest, staff: Coordinator) -> Response:
        act, refused = await _act(request, digest)
        return _shown(request, act, refused, staff=staff, desk=desk)

    @router.post("/suppressed/{digest}/lift")
    async def lift(request: Request, digest: Digest, staff: Coordinator) -> Response:
        async def do(typed: Typed, _fields: Mapping[str, str]) -> str | Refused:
            done = await lift_address(digest, typed.reason, staff=staff, desk=desk)
            return done or f"{PAGES}/suppressed?done=lift"

        act, refused = await _act(request, digest)
        return await _taken(request, act, refused, do, staff=staff, desk=desk)

    async def _act(request: Request, digest: str) -> tuple[Act, Refused | None]:
        found = await desk.suppressions.find(digest)
        if found is None:
            raise HTTPException(404, "There is no such address")
        act = await act_on_address(found, desk.site.language_of(request), desk=desk)
        return act, None if found.active else Refused("not_suppressed")


def _shown(request: Request, act: Act, refused: Refused | None, *, staff: Staff, desk: StaffDesk) -> Response:
    if refused is not None:
        return impossible_page(request, act, refused, staff=staff, desk=desk)
    return form_page(request, act, staff=staff, desk=desk)


async def _taken(
    request: Request, act: Act, refused: Refused | None, do: Do, *, staff: Staff, desk: StaffDesk
) -> Response:
    """A form that was sent: asked back, or done."""
    fields = dict(await read_fields(request))
    right = token_is_right(fields.pop(FORM_TOKEN, ""), act, staff, desk)
    confirmed = CONFIRMED in fields and right
    if refused is not None and not confirmed:
        return impossible_page(request, act, refused, staff=staff, desk=desk)
    try:
        typed = _typed(fields, act, desk)
    except FormWrongError as error:
        return form_page(request, act, staff=staff, desk=desk, typed=fields, faults=error.faults)
    if not right:
        return form_page(request, act, staff=staff, desk=desk, typed=fields)
    if not confirmed:
        return question_page(request, act, fields, staff=staff, desk=desk, when=_when(request, typed.due_at, desk))
    done = await do(typed, fields)
    if isinstance(done, Refused):
        return impossible_page(request, act, done, staff=staff, desk=desk)
    return RedirectResponse(done, status_code=SEE_OTHER)


def _typed(fields: Mapping[str, str], act: Act, desk: StaffDesk) -> Typed:
    """What was filled in. Raises FormWrongError, also for a time that is not possible."""
    typed = typed_of(fields, zone=desk.programme.tz, with_time=act.with_time)
    wrong = act.refuses_time(typed.due_at) if act.refuses_time and typed.due_at else None
    if wrong is not None:
        raise FormWrongError({"day": wrong.words})
    return typed


def _when(request: Request, at: datetime | None, desk: StaffDesk) -> str:
    return Rows(desk.site.language_of(request), desk.programme.tz).moment(at)


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= NUMBER_CHARS_MAX else None
