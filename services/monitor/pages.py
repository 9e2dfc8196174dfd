"""The live page and its files, for operators."""

from pathlib import Path

from fastapi import APIRouter, Depends, HTTPException, Response
from fastapi.responses import FileResponse

from shared.staff.access import StaffAccess

CONSOLE = Path(__file__).parent / "console"
FILES = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
HOME = "/"


def page_routes(*, access: StaffAccess) -> APIRouter:
    """`/` for operators, and `/static/…`, which tells nothing, for everybody."""
    router = APIRouter(include_in_schema=False)

    @router.get(HOME, dependencies=[Depends(access.operator)])
    async def page() -> Response:
        return FileResponse(CONSOLE / "index.html", media_type="text/html; charset=utf-8")

    @router.get("/static/{name}")
    async def static(name: str) -> Response:
        if name not in FILES:
            raise HTTPException(404, "Not found")
        return FileResponse(CONSOLE / name, media_type=FILES[name])

    return router
