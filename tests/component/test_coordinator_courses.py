"""The coordinators' lists and course pages on a real database: what stands there, for whom, and the lists as files."""

import csv
import io
from collections.abc import AsyncIterator

import pytest

from services.scheduler.coordinator.desk import PAGES
from tests.coordinator_desk import CoordinatorDesk, coordinator_desk
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS


@pytest.fixture
async def desk(stack: Embedded) -> AsyncIterator[CoordinatorDesk]:
    async with coordinator_desk(stack.mongodb) as opened:
        yield opened


async def test_the_lists_hold_each_course_under_its_state(desk: CoordinatorDesk) -> None:
    """With counts on the tabs, the consultant's name, and a link to the course; no theme and no contact."""
    await desk.consultant()
    booked = await desk.application()
    waiting = await desk.application(themes=("chikane", "samarbejde"), municipality=AARHUS)
    shown = await desk.page("?show=booked")
    assert f"{PAGES}/courses/{booked}" in shown
    assert "Konsulent Anne" in shown
    assert "Booket (2)" in shown or "Booket (1)" in shown
    assert "Lone Leder" not in shown
    assert "hikane" not in shown
    assert booked not in await desk.page("?show=cancelled")
    assert f"{PAGES}/courses/{waiting}" in shown + await desk.page("?show=waiting")


async def test_a_course_is_found_by_its_reference_number(desk: CoordinatorDesk) -> None:
    """As people type it, in small letters and with blanks; an unknown one is told so."""
    await desk.consultant()
    course = await desk.application(reference="SPARK-7K4M-2QX9")
    answer = await desk.http.get(PAGES, params={"reference": " spark-7k4m-2qx9 "})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGES}/courses/{course}")
    assert "Der er ikke noget forløb med det referencenummer" in await desk.page("?reference=SPARK-0000-0000")


async def test_the_page_of_a_booked_course_tells_all_of_it(desk: CoordinatorDesk) -> None:
    """Meetings, people with how to reach them, the time held, and why this consultant and not the other."""
    await desk.consultant("anne")
    await desk.consultant("bodil", municipality=AARHUS, sectors=[])
    course = await desk.application()
    shown = await desk.page(f"/courses/{course}")
    for words in (
        "første møde",
        "Lone Leder",
        f"leader-{course}@odense.example",
        "Konsulent Anne",
        "timer med rejsetid",
    ):
        assert words.lower() in shown.lower(), words
    reasons = shown[shown.index("Derfor denne konsulent") :]
    assert "point" in reasons
    assert "Konsulent Bodil" in reasons
    assert "Samarbejdet mellem" in shown, "themes stand in the page"
    assert "Samarbejdet" not in shown[: shown.index("</title>")], "and not in its title"


async def test_the_page_of_a_waiting_course_says_why(desk: CoordinatorDesk) -> None:
    """Rule by rule, with a count, and of the nearest with numbers."""
    await desk.consultant("anne", max_courses=1)
    await desk.application()
    course = await desk.application()
    shown = await desk.page(f"/courses/{course}")
    assert "Derfor venter det" in shown
    assert "1 konsulent: har ikke plads til flere forløb" in shown
    assert "Konsulent Anne" in shown[shown.index("Konsulent for konsulent") :]


async def test_a_list_comes_as_a_file_without_formulas(desk: CoordinatorDesk) -> None:
    """UTF-8 with a mark, semicolons; what begins like a formula is text."""
    await desk.consultant("anne", name='=HYPERLINK("http://ond.example";"Klik")')
    course = await desk.application()
    answer = await desk.http.get(f"{PAGES}/courses.csv", params={"show": "booked"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.startswith("\N{ZERO WIDTH NO-BREAK SPACE}".encode())
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][0] == "Referencenummer"
    stored = await desk.office.course(course)
    (row,) = (row for row in rows if row[0] == stored.course.request.reference)
    assert row[3].startswith("'=HYPERLINK")


async def test_what_is_not_there_is_a_page_of_its_own(desk: CoordinatorDesk) -> None:
    """An unknown course, an unknown act, an odd id: 404 in the reader's language."""
    for path in ("/courses/0193fd6a-0000-7000-8000-000000000001", "/courses/%22", "/courses/x/acts/explode"):
        answer = await desk.http.get(f"{PAGES}{path}")
        assert answer.status_code in (404, 422), path


async def test_coordinators_can_ask_why_not_somebody_else(desk: CoordinatorDesk) -> None:
    """Worked out on today's roster, with what alone would have changed it; nobody of that name is told so."""
    await desk.consultant("anne")
    await desk.consultant("bodil", municipality=AARHUS)
    course = await desk.application()
    assert f"{PAGES}/courses/{course}/why-not/bodil" in await desk.page(f"/courses/{course}")
    shown = await desk.page(f"/courses/{course}/why-not/bodil")
    assert "Hvorfor ikke Konsulent Bodil?" in shown
    assert "Hvis rejsen højst var" in shown
    assert "I dag ville Konsulent Anne få det." in await desk.page(f"/courses/{course}/why-not/anne")
    await desk.page(f"/courses/{course}/why-not/nobody", status=404)
