"""The HTTP edge of the time zone check, for staff: what has come apart, and putting it right."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from services.scheduler.means import Means
from services.scheduler.time_zones.check_time_zones import check_time_zones
from services.scheduler.time_zones.follow_clock import follow_clock
from shared.staff.access import StaffAccess
from shared.staff.staff import Staff


def add_time_zones(router: APIRouter, means: Means, access: StaffAccess) -> None:
    """Add `/time-zones` to staff's API."""
    Coordinator = Annotated[Staff, Depends(access.coordinator)]  # noqa: N806 - a type

    @router.get("/time-zones")
    async def check() -> dict[str, Any]:
        return {"meetings": [one.as_json() for one in await check_time_zones(means=means)]}

    @router.post("/time-zones/apply")
    async def apply(staff: Coordinator) -> dict[str, Any]:
        found = await check_time_zones(means=means)
        outcomes = {
            course_id: await follow_clock(course_id, staff=staff, means=means)
            for course_id in dict.fromkeys(one.course_id for one in found)
        }
        left = await check_time_zones(means=means)
        return {
            "meetings": [one.as_json() for one in found],
            "courses": [{"course": one, "outcome": outcome} for one, outcome in outcomes.items()],
            "left": len(left),
        }
