"""Leads staff to the pages of the other services, where no proxy brings all of them under one address."""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

SEE_OTHER: Final = 303


def elsewhere_routes(places: Mapping[str, str], *, home: str) -> APIRouter:
    """Open to everybody: they tell nothing. `home` is where this service's own pages begin."""
    router = APIRouter(include_in_schema=False)
    for path, origin in places.items():
        if path != home:
            _add(router, path, origin)
    return router


def _add(router: APIRouter, path: str, origin: str) -> None:
    async def there(request: Request) -> Response:
        query = request.url.query
        return RedirectResponse(
            f"{origin}{request.scope['path']}" + (f"?{query}" if query else ""), status_code=SEE_OTHER
        )

    router.add_api_route(path, there, methods=["GET"])
    router.add_api_route(f"{path}/{{rest:path}}", there, methods=["GET"])
