"""The HTTP edge, for staff only: the roster, the courses by ids and what is done to them, and the count of overlaps."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Path, Request, Response

from services.scheduler.acts_api import add_acts
from services.scheduler.course import StoredCourse
from services.scheduler.import_roster import import_roster
from services.scheduler.loads.routes import add_load
from services.scheduler.means import Means
from services.scheduler.roster import ID_PATTERN, RosterChange, RosterEntry
from services.scheduler.roster_check import RosterFault, check
from services.scheduler.roster_file import RosterFileError, read_roster
from services.scheduler.save_consultant import (
    Saved,
    UnknownConsultantError,
    change_consultant,
    save_consultant,
)
from services.scheduler.show import consultant_as_json, course_as_json
from services.scheduler.time_zones.routes import add_time_zones
from services.scheduler.upkeep import count_overlaps
from services.scheduler.why_not_api import add_why_not
from shared.problems import problem
from shared.staff.access import StaffAccess
from shared.staff.staff import Staff
from shared.vault import ErasedError

FILE_BYTES_MAX = 4 * 1024 * 1024
FILES = {"/api/v1/consultants/import": FILE_BYTES_MAX}
"""Addresses that take more than others."""
CSV = "text/csv"

ConsultantId = Annotated[str, Path(pattern=ID_PATTERN)]

log = structlog.get_logger(__name__)


def make_routes(*, means: Means, access: StaffAccess) -> APIRouter:
    """Everything under `/api/v1`, for coordinators and for programs with the staff token."""
    router = APIRouter(prefix="/api/v1", dependencies=[Depends(access.coordinator)])
    _add_reading(router, means, access)
    _add_roster(router, means, access)
    add_load(router, means)
    add_acts(router, means, access)
    add_why_not(router, means)
    add_time_zones(router, means, access)

    @router.get("/courses")
    async def courses() -> dict[str, Any]:
        courses = await means.store.list_courses()
        return {"courses": [_course(stored, means) for stored in courses]}

    @router.get("/courses/{course_id}", response_model=None)
    async def one_course(course_id: str) -> dict[str, Any] | Response:
        stored = await means.store.course(course_id)
        return problem(404, "There is no such course") if stored is None else _course(stored, means)

    @router.get("/overlaps")
    async def overlaps() -> dict[str, int]:
        return asdict(await count_overlaps(means=means))

    return router


def _add_reading(router: APIRouter, means: Means, access: StaffAccess) -> None:
    Coordinator = Annotated[Staff, Depends(access.coordinator)]  # noqa: N806 - a type

    @router.get("/consultants")
    async def consultants(staff: Coordinator) -> dict[str, Any]:
        rows = await means.store.list_consultants()
        log.info("roster-opened", account=staff.account)
        return {"consultants": [await consultant_as_json(row, vault=means.vault) for row in rows]}

    @router.get("/consultants/{consultant_id}", response_model=None)
    async def one_consultant(consultant_id: ConsultantId, staff: Coordinator) -> dict[str, Any] | Response:
        row = await means.store.consultant(consultant_id)
        if row is None:
            return _nobody()
        log.info("consultant-opened", consultant=consultant_id, account=staff.account)
        return await consultant_as_json(row, vault=means.vault)


def _add_roster(router: APIRouter, means: Means, access: StaffAccess) -> None:
    Coordinator = Annotated[Staff, Depends(access.coordinator)]  # noqa: N806 - a type

    @router.post("/consultants", response_model=None)
    async def add(entry: RosterEntry, staff: Coordinator) -> dict[str, Any] | Response:
        return await _save(entry, staff, means)

    @router.post("/consultants/import", response_model=None)
    async def take_in(request: Request, staff: Coordinator) -> dict[str, Any] | Response:
        form = "csv" if request.headers.get("content-type", "").lower().startswith(CSV) else "json"
        content = await request.body()
        try:
            # In a thread: thousands of lines take longer than other requests should wait.
            lines = await asyncio.to_thread(
                read_roster,
                content,
                form="csv" if form == "csv" else "json",
                programme=means.programme,
                municipalities=means.municipalities,
            )
        except RosterFileError as error:
            return problem(422, "The file cannot be read", detail=str(error))
        return (await import_roster(lines, staff=staff, means=means)).as_json()

    @router.put("/consultants/{consultant_id}", response_model=None)
    async def put(consultant_id: ConsultantId, entry: RosterEntry, staff: Coordinator) -> dict[str, Any] | Response:
        if entry.id != consultant_id:
            return _wrong([RosterFault("id", "is not the one of the address")])
        return await _save(entry, staff, means)

    @router.patch("/consultants/{consultant_id}", response_model=None)
    async def patch(consultant_id: ConsultantId, given: RosterChange, staff: Coordinator) -> dict[str, Any] | Response:
        try:
            return _saved(consultant_id, await change_consultant(consultant_id, given, staff=staff, means=means))
        except (UnknownConsultantError, ErasedError):
            return _nobody()


def _course(stored: StoredCourse, means: Means) -> dict[str, Any]:
    return {"version": stored.version, **course_as_json(stored.course, means=means)}


async def _save(entry: RosterEntry, staff: Staff, means: Means) -> dict[str, Any] | Response:
    checked, faults = check(entry, programme=means.programme, municipalities=means.municipalities)
    if faults:
        return _wrong(faults)
    try:
        return _saved(entry.id, await save_consultant(checked, staff=staff, means=means))
    except ErasedError:
        return problem(410, "This id belonged to somebody who was erased", detail="Take a new id.")


def _saved(consultant_id: str, saved: Saved) -> dict[str, Any]:
    return {"id": consultant_id, "outcome": saved}


def _wrong(faults: list[RosterFault]) -> Response:
    return problem(422, "Some fields are wrong", errors=[asdict(fault) for fault in faults])


def _nobody() -> Response:
    return problem(404, "There is no such consultant")
