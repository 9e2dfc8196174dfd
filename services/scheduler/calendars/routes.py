"""The HTTP edge of calendars, for staff only. What goes in never comes out: an answer tells of state and age, not of the address."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from services.scheduler.calendars.calendar_address import ADDRESS_CHARACTERS_MAX, AddressError
from services.scheduler.calendars.enter_calendar import enter_calendar, remove_calendar
from services.scheduler.calendars.work import CalendarWork
from services.scheduler.roster import ID_PATTERN
from services.scheduler.save_consultant import UnknownConsultantError
from shared.problems import problem
from shared.staff.access import StaffAccess
from shared.staff.staff import Staff
from shared.vault import ErasedError

ConsultantId = Annotated[str, Path(pattern=ID_PATTERN)]


class CalendarEntry(BaseModel):
    """What staff send. Hidden wherever it might be printed."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    address: Annotated[SecretStr, Field(max_length=ADDRESS_CHARACTERS_MAX)]


def make_calendar_routes(*, work: CalendarWork, access: StaffAccess, wake: Callable[[], None]) -> APIRouter:
    """`wake` is called when a calendar has just become due."""
    Coordinator = Annotated[Staff, Depends(access.coordinator)]  # noqa: N806 - a type
    router = APIRouter(prefix="/api/v1", dependencies=[Depends(access.coordinator)])
    means = work.means

    @router.get("/calendars")
    async def calendars() -> dict[str, Any]:
        now = means.clock()
        sources = await means.store.calendars.all_sources()
        return {"calendars": [source.as_json(now, alert_after=work.alert_after) for source in sources]}

    @router.get("/consultants/{consultant_id}/calendar", response_model=None)
    async def one(consultant_id: ConsultantId) -> dict[str, Any] | Response:
        source = await means.store.calendars.find(consultant_id)
        return _none() if source is None else source.as_json(means.clock(), alert_after=work.alert_after)

    @router.put("/consultants/{consultant_id}/calendar", response_model=None)
    async def enter(consultant_id: ConsultantId, entry: CalendarEntry, staff: Coordinator) -> dict[str, Any] | Response:
        try:
            outcome = await enter_calendar(consultant_id, entry.address.get_secret_value(), staff=staff, work=work)
        except AddressError as error:
            return problem(422, "Some fields are wrong", errors=[{"field": "address", "reason": str(error)}])
        except (UnknownConsultantError, ErasedError):
            return problem(404, "There is no such consultant")
        wake()
        return {"consultant": consultant_id, "outcome": outcome}

    @router.delete("/consultants/{consultant_id}/calendar", response_model=None)
    async def remove(consultant_id: ConsultantId, staff: Coordinator) -> Response:
        removed = await remove_calendar(consultant_id, staff=staff, work=work)
        return Response(status_code=204) if removed else _none()

    return router


def _none() -> Response:
    return problem(404, "There is no calendar of that consultant")
