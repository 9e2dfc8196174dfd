"""Staff reach the pages of every service from each of them, where no proxy brings all under one address."""

import httpx2
import pytest
from fastapi import FastAPI

from shared.staff.elsewhere import elsewhere_routes
from shared.staff.places import places_of

PLACES = "/review=http://127.0.0.1:8000,/messages=http://127.0.0.1:8002"


async def test_staff_are_led_to_the_service_that_has_the_page() -> None:
    """With what the address asks for; a service leads nobody away from its own pages, and nobody who sends something."""
    app = FastAPI()
    app.include_router(elsewhere_routes(places_of(PLACES), home="/review"))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as http:
        there = await http.get("/messages/applications/a001?done=move&x=1")
        assert (there.status_code, there.headers["location"]) == (
            303,
            "http://127.0.0.1:8002/messages/applications/a001?done=move&x=1",
        )
        assert (await http.get("/messages")).headers["location"] == "http://127.0.0.1:8002/messages"
        assert (await http.get("/review")).status_code == 404
        assert (await http.post("/messages/x")).status_code == 405


@pytest.mark.parametrize("wrong", ["/messages", "messages=http://x", "/messages=http://x/", "/messages=ftp://x", "x"])
def test_places_that_cannot_be_meant_are_refused(wrong: str) -> None:
    """Each with its path and an address without a slash at the end; none is none."""
    with pytest.raises(ValueError, match="must have the form"):
        places_of(wrong)
    assert places_of("") == {}
