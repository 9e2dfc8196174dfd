"""The same for programs with the staff token: mails by ids and codes, and what staff do to them."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.notifier.staff.act_on_address import lift_address
from services.notifier.staff.act_on_message import (
    UnknownMessageError,
    find_message,
    move_message,
    read_before,
    send_again,
    stop_message,
)
from services.notifier.staff.act_on_planned import move_planned, stop_planned
from services.notifier.staff.act_routes import ApplicationId, Digest, Key, MessageId
from services.notifier.staff.again import why_not_again
from services.notifier.staff.application_page import words_said
from services.notifier.staff.as_json import (
    attempts_as_json,
    message_as_json,
    planned_as_json,
    suppression_as_json,
)
from services.notifier.staff.asked import Asked, Day, Which
from services.notifier.staff.desk import API, StaffDesk
from services.notifier.staff.forms import Reason
from services.notifier.staff.message_lists import CURSOR_CHARS_MAX
from services.notifier.staff.people import known_of
from services.notifier.staff.planned_page import DAYS_DEFAULT, DAYS_MAX, planned_within
from services.notifier.staff.refusals import Refused
from services.notifier.stored_message import StoredMessage
from shared.problems import problem
from shared.staff.staff import Staff

MESSAGES_MAX: Final = 500
ENGLISH: Final = "en"


class Ordered(BaseModel):
    """An act with its reason."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class Moved(Ordered):
    """`due_at` is an instant with its offset."""

    due_at: AwareDatetime


def api_routes(desk: StaffDesk) -> APIRouter:
    """Everything under `/api/v1/messages`."""
    router = APIRouter(prefix=API, include_in_schema=False)
    _add_lists(router, desk)
    _add_planned_acts(router, desk)
    _add_one(router, desk)
    return router


def _add_lists(router: APIRouter, desk: StaffDesk) -> None:
    guard = [Depends(desk.access.coordinator)]

    @router.get("", dependencies=guard)
    async def messages(
        show: Which = "attention",
        kind: Annotated[str, Query(pattern=r"^[a-z_]{0,40}$")] = "",
        day: Day | None = None,
        after: Annotated[str, Query(max_length=CURSOR_CHARS_MAX)] = "",
        limit: Annotated[int, Query(ge=1, le=MESSAGES_MAX)] = 50,
    ) -> dict[str, Any]:
        now, asked = desk.clock(), Asked(show=show, kind=kind, day=day, after=after)
        found = await desk.lists.page(asked, zone=desk.programme.tz, now=now, count=limit)
        return {
            "messages": await _listed(found.messages, desk),
            "after": found.after or None,
            "counts": await desk.lists.counts(now=now),
        }

    @router.get("/planned", dependencies=guard)
    async def planned(days: Annotated[int, Query(ge=1, le=DAYS_MAX)] = DAYS_DEFAULT) -> dict[str, Any]:
        found, is_cut = await planned_within(days, desk=desk)
        rows = [
            planned_as_json(mail, application_id=known.view.application_id, reference=known.reference)
            for mail, known in found
        ]
        return {"planned": rows, "more": is_cut}

    @router.get("/suppressed", dependencies=guard)
    async def suppressed(
        after: Annotated[str | None, Query(max_length=CURSOR_CHARS_MAX)] = None,
    ) -> dict[str, Any]:
        page = await desk.suppressions.list(after=after)
        references = await desk.view_facts.references(one.application_id for one in page.rows)
        rows = [suppression_as_json(one, reference=references.get(one.application_id, "")) for one in page.rows]
        return {"suppressed": rows, "after": page.after, "count": await desk.suppressions.count()}

    @router.get("/applications/{application_id}", dependencies=guard)
    async def of_application(application_id: ApplicationId) -> dict[str, Any]:
        messages = await desk.messages.of_application(application_id)
        known = await known_of(await desk.views.read(application_id), vault=desk.vault)
        coming = known.coming(desk.programme, desk.clock())
        return {
            "messages": [message_as_json(one, reference=known.reference) for one in reversed(messages)],
            "planned": [
                planned_as_json(one, application_id=application_id, reference=known.reference) for one in coming
            ],
        }


def _add_one(router: APIRouter, desk: StaffDesk) -> None:
    Coordinator = Annotated[Staff, Depends(desk.access.coordinator)]  # noqa: N806 - a type

    @router.get("/{message_id}", response_model=None)
    async def one(message_id: MessageId, _staff: Coordinator) -> dict[str, Any] | Response:
        try:
            before = await read_before(message_id, desk=desk)
        except UnknownMessageError:
            return _no_message()
        said = await words_said(before.message, ENGLISH, desk=desk)
        return {
            **message_as_json(before.message, reference=before.known.reference),
            "tries": attempts_as_json(before.message, said),
            "not_again": why_not_again(before, desk.programme),
        }

    @router.post("/{message_id}/stop", response_model=None)
    async def stop(message_id: MessageId, order: Ordered, staff: Coordinator) -> dict[str, Any] | Response:
        try:
            done = await stop_message(message_id, order.reason, staff=staff, desk=desk)
        except UnknownMessageError:
            return _no_message()
        return _refused(done) if done else await _shown(message_id, desk)

    @router.post("/{message_id}/move", response_model=None)
    async def move(message_id: MessageId, order: Moved, staff: Coordinator) -> dict[str, Any] | Response:
        try:
            done = await move_message(message_id, order.due_at, order.reason, staff=staff, desk=desk)
        except UnknownMessageError:
            return _no_message()
        return _refused(done) if done else await _shown(message_id, desk)

    @router.post("/{message_id}/again", response_model=None)
    async def again(message_id: MessageId, order: Ordered, staff: Coordinator) -> dict[str, Any] | Response:
        try:
            done = await send_again(message_id, order.reason, staff=staff, desk=desk)
        except UnknownMessageError:
            return _no_message()
        return _refused(done) if isinstance(done, Refused) else await _shown(done, desk)


def _add_planned_acts(router: APIRouter, desk: StaffDesk) -> None:
    Coordinator = Annotated[Staff, Depends(desk.access.coordinator)]  # noqa: N806 - a type
    address = "/planned/{application_id}/{key}"

    @router.post(address + "/stop", status_code=204)
    async def stop(application_id: ApplicationId, key: Key, order: Ordered, staff: Coordinator) -> Response:
        return _done(await stop_planned(application_id, key, order.reason, staff=staff, desk=desk))

    @router.post(address + "/release", status_code=204)
    async def release(application_id: ApplicationId, key: Key, order: Ordered, staff: Coordinator) -> Response:
        return _done(await stop_planned(application_id, key, order.reason, stop=False, staff=staff, desk=desk))

    @router.post(address + "/move", status_code=204)
    async def move(application_id: ApplicationId, key: Key, order: Moved, staff: Coordinator) -> Response:
        return _done(await move_planned(application_id, key, order.due_at, order.reason, staff=staff, desk=desk))

    @router.post("/suppressed/{digest}/lift", status_code=204)
    async def lift(digest: Digest, order: Ordered, staff: Coordinator) -> Response:
        return _done(await lift_address(digest, order.reason, staff=staff, desk=desk))


async def _listed(messages: tuple[StoredMessage, ...], desk: StaffDesk) -> list[dict[str, Any]]:
    references = await desk.view_facts.references(one.application_id for one in messages)
    return [message_as_json(one, reference=references.get(one.application_id, "")) for one in messages]


async def _shown(message_id: str, desk: StaffDesk) -> dict[str, Any]:
    message = await find_message(message_id, desk=desk)
    return (await _listed((message,), desk))[0]


def _done(refused: Refused | None) -> Response:
    return _refused(refused) if refused else Response(status_code=204)


def _no_message() -> Response:
    return problem(404, "There is no such mail")


def _refused(why: Refused) -> Response:
    """409: what is asked for is well written, but this mail cannot have it. `code` is one of `REFUSALS`."""
    return problem(409, "It cannot be done", detail=why.words.en, code=why.code)
