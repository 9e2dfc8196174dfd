"""The monitor's HTTP edge for programs and for the live page: events, lag and health as JSON, and the stream. Staff only."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.monitor.board import Board
from services.monitor.sighting import Sighting, place
from services.monitor.store import Store
from services.monitor.stream import Client, Hub, TooManyClientsError
from services.monitor.watch import References
from shared import kafka
from shared.errors import DependencyDownError
from shared.staff.access import StaffAccess
from shared.staff.refusals import NotLoggedInError, WrongRoleError

EVENTS_MAX = 1_000
EVENTS_DEFAULT = 200
# Who was away for longer than this many events gets the last of them only.
RESUME_EVENTS_MAX = 1_000
RETRY_MILLISECONDS = 2_000
STAFF_SECONDS_BETWEEN = 20.0
OFFSET_MAX = 2**62

Topic = StrEnum("Topic", {name: name for name in kafka.TOPICS})  # type: ignore[misc]  # names come from one list
TopicQuery = Annotated[Topic | None, Query(description="Only of this topic.")]
ReferenceQuery = Annotated[
    str | None, Query(max_length=40, description="Only of the application with this reference; case does not matter.")
]
NumberQuery = Annotated[
    int | None,
    Query(ge=0, le=OFFSET_MAX, description="Only what was seen after this number; without it the last ones."),
]


def api_routes(*, store: Store, references: References, hub: Hub, board: Board, access: StaffAccess) -> APIRouter:
    """All below `/api/v1`, for operators and for programs with the staff token."""
    router = APIRouter(prefix="/api/v1", dependencies=[Depends(access.operator)])

    @router.get("/events")
    async def events(
        topic: TopicQuery = None,
        reference: ReferenceQuery = None,
        after: NumberQuery = None,
        limit: Annotated[int, Query(ge=1, le=EVENTS_MAX)] = EVENTS_DEFAULT,
    ) -> JSONResponse:
        """In the order in which they were seen; `last` is the number to ask on with."""
        wanted = _reference(reference)
        more = False
        if after is None:
            seen = await store.seen_last(topic=topic, reference=wanted, limit=limit)
        else:
            seen, more = await store.seen_after(after, topic=topic, reference=wanted, limit=limit)
        last = seen[-1].number if seen else after or await store.last_number()
        rows = [one.listed() for one in await references.fill(seen)]
        return JSONResponse({"events": rows, "last": last, "more": more})

    @router.get("/events/{topic}/{partition}/{offset}")
    async def event(
        topic: Topic,
        partition: Annotated[int, Path(ge=0, le=OFFSET_MAX)],
        offset: Annotated[int, Path(ge=0, le=OFFSET_MAX)],
    ) -> JSONResponse:
        """One event with its body; sealed blocks are `{"sealed": key id}`."""
        seen = await store.one(place(topic, partition, offset))
        if seen is None:
            raise HTTPException(404, "No such event is kept.")
        (seen,) = await references.fill([seen])
        return JSONResponse(seen.listed() | {"body": json.loads(seen.body) if seen.body else None})

    @router.get("/lag")
    async def lag() -> JSONResponse:
        return JSONResponse(await board.lag())

    @router.get("/services")
    async def services() -> JSONResponse:
        return JSONResponse(await board.services())

    router.get("/stream", response_class=EventSourceResponse)(_stream(store, references, hub, access))
    return router


def _stream(
    store: Store, references: References, hub: Hub, access: StaffAccess
) -> Callable[..., AsyncIterator[ServerSentEvent]]:
    def place_in_audience(topic: TopicQuery = None, reference: ReferenceQuery = None) -> Any:
        """Taken before the answer begins, so that a refusal has a status of its own."""
        try:
            with hub.client(topic=topic, reference=_reference(reference)) as client:
                yield client
        except TooManyClientsError:
            raise HTTPException(503, "Too many live pages are open.", headers={"Retry-After": "30"}) from None

    async def stream(
        request: Request,
        client: Annotated[Client, Depends(place_in_audience)],
        after: NumberQuery = None,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> AsyncIterator[ServerSentEvent]:
        """`seen` (a record, its number as id), `lag` and `services`. What was missed since the last id, or `after`, comes first."""
        yield ServerSentEvent(comment="welcome", retry=RETRY_MILLISECONDS)
        known = _number(last_event_id, after)
        for seen in await _missed(store, references, client, known):
            known = seen.number
            yield ServerSentEvent(event="seen", raw_data=json.dumps(seen.listed()), id=str(seen.number))
        checked = asyncio.get_running_loop().time()
        async for message in client.messages():
            # Messages come every few seconds, if only those of the state of the moment.
            if asyncio.get_running_loop().time() - checked > STAFF_SECONDS_BETWEEN:
                checked = asyncio.get_running_loop().time()
                if not await _still_staff(request, access):
                    return
            if message.number is None:
                yield ServerSentEvent(event=message.event, raw_data=message.data)
            elif known is None or message.number > known:
                yield ServerSentEvent(event=message.event, raw_data=message.data, id=str(message.number))

    return stream


async def _still_staff(request: Request, access: StaffAccess) -> bool:
    """Who has logged out, or lost her account, sees no more of a page that is still open."""
    try:
        await access.require(request, role="operator")
    except (NotLoggedInError, WrongRoleError):
        return False
    except DependencyDownError:
        return True
    return True


async def _missed(store: Store, references: References, client: Client, known: int | None) -> list[Sighting]:
    """What was seen after number `known`; the newest of it where it is too much."""
    if known is None:
        return []
    wanted = {"topic": client.topic, "reference": client.reference}
    seen, more = await store.seen_after(known, **wanted, limit=RESUME_EVENTS_MAX)
    if more:
        seen = await store.seen_last(**wanted, limit=RESUME_EVENTS_MAX)
    return await references.fill(seen)


def _number(last_event_id: str | None, after: int | None) -> int | None:
    """A browser that comes back sends the id of the last event that it got; anything else that stands there says nothing."""
    if last_event_id and last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 19:  # noqa: PLR2004 - fits a long
        return int(last_event_id)
    return after


def _reference(typed: str | None) -> str | None:
    return (typed or "").strip().upper() or None
