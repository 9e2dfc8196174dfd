"""The live page and its files. A link with the token in it sets the staff cookie and leads to the address without it."""

import hmac
from pathlib import Path
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from pydantic import SecretStr

from shared.http import STAFF_COOKIE, require_staff

CONSOLE = Path(__file__).parent / "console"
FILES = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


def page_routes(*, staff_token: SecretStr, secure_cookie: bool) -> APIRouter:
    """`/` and `/static/…`; all addresses in them are relative, so a proxy may put them below a prefix."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def page(request: Request, token: str | None = None) -> Response:
        if token is not None:
            return _welcome(request, token, staff_token, secure_cookie=secure_cookie)
        try:
            require_staff(request, staff_token)
        except HTTPException:
            return FileResponse(CONSOLE / "staff_only.html", status_code=401, media_type="text/html; charset=utf-8")
        return FileResponse(CONSOLE / "index.html", media_type="text/html; charset=utf-8")

    @router.get("/static/{name}")
    async def static(name: str) -> Response:
        if name not in FILES:
            raise HTTPException(404, "Not found")
        return FileResponse(CONSOLE / name, media_type=FILES[name])

    return router


def _welcome(request: Request, token: str, staff_token: SecretStr, *, secure_cookie: bool) -> Response:
    if not hmac.compare_digest(token.encode(), staff_token.get_secret_value().encode()):
        return FileResponse(CONSOLE / "staff_only.html", status_code=401, media_type="text/html; charset=utf-8")
    kept = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "token"])
    answer = RedirectResponse(f"./?{kept}" if kept else "./", status_code=303)
    answer.set_cookie(STAFF_COOKIE, token, httponly=True, samesite="strict", secure=secure_cookie)
    return answer
