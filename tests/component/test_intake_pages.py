"""The pages behind the links in mails."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import pytest

from services.intake.course_view import CourseView
from tests.embedded import Embedded
from tests.intake_house import House, house, inputs_of, new_application, settings_for


@pytest.fixture
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


async def applied(intake: House, **changes: str) -> tuple[str, str]:
    """The application's id and the leader's token."""
    application_id = (await intake.accepted(new_application(dict(changes))))["application_id"]
    return application_id, await intake.contact_token(application_id)


class Outline(HTMLParser):
    """What a page is made of, as far as people who do not see it depend on it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.language = ""
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attributes)
        if tag == "html":
            self.language = found.get("lang") or ""
        self.inline += [name for name in found if name == "style" or name.startswith("on")]


async def test_a_contact_confirms_with_one_button(intake: House) -> None:
    """The page asks, the button posts, and the way back is a GET that shows the new state."""
    _, token = await applied(intake)
    page = await intake.http.get(f"/s/{token}")
    assert inputs_of(page.text) == [("post", f"/s/{token}/confirm")]
    answer = await intake.http.post(f"/s/{token}/confirm")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/s/{token}")
    after = (await intake.http.get(f"/s/{token}")).text
    assert "Imødekommet" in after
    assert inputs_of(after) == []


async def test_withdrawing_asks_once(intake: House) -> None:
    """The page links to a question, and only its button does it."""
    _, token = await applied(intake)
    assert f'href="/s/{token}/withdraw"' in (await intake.http.get(f"/s/{token}")).text
    question = (await intake.http.get(f"/s/{token}/withdraw")).text
    assert inputs_of(question) == [("post", f"/s/{token}/withdraw")]
    assert (await intake.http.post(f"/s/{token}/withdraw")).status_code == 303
    assert "Trukket tilbage" in (await intake.http.get(f"/s/{token}")).text
    assert (await intake.http.get(f"/s/{token}/withdraw")).status_code == 303
    assert (await intake.http.post(f"/s/{token}/confirm")).status_code == 409


@pytest.mark.parametrize(("language", "title"), [("da", "Jeres ansøgning"), ("en", "Your application")])
async def test_the_page_speaks_the_contacts_language(intake: House, language: str, title: str) -> None:
    """Whatever the browser prefers."""
    _, token = await applied(intake, **{"contacts.leader.language": language})
    page = await intake.http.get(f"/s/{token}", headers={"Accept-Language": "en" if language == "da" else "da"})
    assert Outline(page.text).language == language
    assert f"<h1>{title}</h1>" in page.text


async def test_the_dates_of_the_course_are_told_in_words(intake: House) -> None:
    """Local time of the meeting, summer and winter."""
    application_id, token = await applied(intake)
    await intake.http.post(f"/s/{token}/confirm")
    meeting = {
        "code": "opening",
        "place": "workplace",
        "minutes": 120,
        "zone": "Europe/Copenhagen",
        "uid": "u@example",
        "sequence": 0,
        "dtstamp": "2026-11-20T09:00:00Z",
        "status": "confirmed",
    }
    meetings = [
        meeting | {"meeting_id": "m1", "start": "2027-06-08T07:00:00Z", "wall_start": "2027-06-08T09:00"},
        meeting | {"meeting_id": "m2", "start": "2027-01-12T08:00:00Z", "wall_start": "2027-01-12T09:00"},
    ]
    course = CourseView.model_validate({"sequence": 1, "state": "booked", "meetings": meetings})
    await intake.parts.store.put_course(application_id, course)
    page = (await intake.http.get(f"/s/{token}")).text
    winter, summer = re.findall(r"<time[^>]*>([^<]*)</time>", page)
    assert (winter, summer) == (
        "tirsdag den 12. januar 2027 kl. 9.00–11.00",
        "tirsdag den 8. juni 2027 kl. 9.00–11.00",
    )


async def test_pages_hold_what_assistive_technology_needs_and_nothing_inline(intake: House) -> None:
    """One h1, a main part, a language; no inline script or style, which the policy forbids; nothing typed is shown."""
    _, token = await applied(intake)
    wrong = await intake.http.get("/s/junk")
    assert wrong.status_code == 404
    for page in (await intake.http.get(f"/s/{token}"), await intake.http.get(f"/s/{token}/withdraw"), wrong):
        outline = Outline(page.text)
        assert outline.language == "da"
        assert (outline.tags.count("h1"), outline.tags.count("main"), outline.tags.count("title")) == (1, 1, 1)
        assert not {"script", "style"} & set(outline.tags)
        assert outline.inline == []
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
        assert not [word for word in ("Anne", "Ringsted", "samarbejde", "lagt sammen") if word in page.text]


async def test_every_wrong_link_has_the_same_page(intake: House) -> None:
    """Whatever is wrong with it."""
    _, token = await applied(intake)
    paths = ["/s/junk", f"/s/{token[:-1]}", f"/s/{token.swapcase()}", "/s/junk/withdraw"]
    pages = {(await intake.http.get(path)).text for path in paths} | {(await intake.http.post("/s/junk/confirm")).text}
    assert len(pages) == 1


