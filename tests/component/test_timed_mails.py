import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.notifier.course_view import View
from services.notifier.timed.store import Days
from services.notifier.timed.sweep import PUT_OFF_SECONDS, put_in_due, renew_page, sweep_timed
from services.notifier.view_store import Views
from shared.errors import DependencyDownError
from shared.events import ContactChanged, CourseBooked
from shared.programme import Programme
from shared.programme_messages import Material, MaterialsMail, Theme
from shared.words import Words
from tests.notifier_later import Later, content_of
from tests.notifier_samples import application, person
from tests.polling import until
from tests.timed_courses import PROGRAMME, at

BOOKED_AT, REMINDED_AT, MATERIALS_AT = at("2026-12-28T10:00"), at("2026-12-30T08:00"), at("2027-01-05T08:00")
"""The first meeting is on 12 January 2027 at nine."""


async def booked(later: Later, *, now: datetime = BOOKED_AT, **desk: Any) -> None:
    later.clock.now = now
    later.office.desk = later.desk(**desk)
    await later.tell(later.booked(), sequence=1, kind=CourseBooked)


async def timed(later: Later) -> Counter[str]:
    """How many mails of each kind that goes out at its time were put in for this course."""
    rows = await later.office.rows.find({"application_id": later.of, "timed": True}).to_list(None)
    return Counter(row["kind"] for row in rows)


async def test_a_reminder_is_put_in_when_it_is_due(later: Later) -> None:
    """Not a second before; once, whoever looks; and it says until when it helps."""
    await booked(later)
    for now, found in ((REMINDED_AT - timedelta(seconds=1), 0), (REMINDED_AT, 3), (REMINDED_AT, 3)):
        later.clock.now = now
        await put_in_due(desk=later.office.desk)
        assert await timed(later) == Counter(reminder=found)
    rows = await later.office.rows.find({"application_id": later.of, "kind": "reminder"}).to_list(None)
    assert {(row["useful_until"], row["state"], row["about"]) for row in rows} == {
        (at("2027-01-11T08:00"), "pending", f"reminder:{later.of}-m0:7")
    }
    view = await later.office.desk.views.read(later.of)
    assert view.timed_at == MATERIALS_AT
    assert later.of in {
        one.application_id for one in await later.office.desk.views.timed_until(view.timed_at, count=100)
    }


async def test_the_sweep_takes_over_settings_and_then_waits_for_what_is_due(later: Later) -> None:
    """Also for courses that nothing was worked out for yet; it tidies up at its start."""
    await booked(later)
    await later.office.view_rows.update_one({"_id": later.of}, {"$unset": {"timed": "", "timed_at": ""}})
    tidied: list[datetime] = []

    async def tidy(now: datetime) -> None:
        tidied.append(now)

    sweeping = asyncio.create_task(sweep_timed(desk=later.office.desk, tidy=tidy))
    try:
        await until(lambda: tidied, what="settings taken over")
        later.clock.now = REMINDED_AT
        await until(lambda: timed(later), what="reminders")
    finally:
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)
    assert await timed(later) == Counter(reminder=3)
    assert tidied[0] == BOOKED_AT


async def test_mails_go_out_also_where_settings_cannot_be_taken_over(later: Later) -> None:
    """Looking for courses of other settings may take the database too long."""

    class Slow(Views):
        async def of_other_settings(self, *_: str, **_after: str) -> list[str]:
            raise DependencyDownError("database")

    await booked(later)
    later.clock.now = REMINDED_AT
    sweeping = asyncio.create_task(sweep_timed(desk=later.desk(views=Slow(later.office.view_rows))))
    try:
        await until(lambda: timed(later), what="reminders")
    finally:
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)


async def test_two_processes_at_once_put_in_the_same_mails(later: Later) -> None:
    """Each of them looks, and each mail is there once."""
    await booked(later)
    later.clock.now = REMINDED_AT
    await asyncio.gather(*(put_in_due(desk=later.desk()) for _ in range(4)))
    assert await timed(later) == Counter(reminder=3)


async def test_a_crash_before_the_view_advances_puts_in_the_same_mails_again(later: Later) -> None:
    """Messages come first; whoever finds the view as it was makes the same ones."""

    class Dying(Views):
        async def advance(self, *_: View, **_before: View) -> View | None:
            raise DependencyDownError("database")

    await booked(later)
    later.clock.now = REMINDED_AT
    with pytest.raises(DependencyDownError):
        await put_in_due(desk=later.desk(views=Dying(later.office.view_rows)))
    assert await timed(later) == Counter(reminder=3)
    later.clock.wait(60)
    await put_in_due(desk=later.office.desk)
    assert await timed(later) == Counter(reminder=3)


async def test_a_course_whose_mails_cannot_be_written_holds_no_other_up(later: Later) -> None:
    """It is tried again a minute later, also if its document cannot be read at all."""
    await booked(later)
    broken = f"{later.of}-broken"
    await later.office.view_rows.insert_one({"_id": broken, "version": 1, "timed_at": REMINDED_AT - timedelta(days=1)})
    later.clock.now = REMINDED_AT
    await put_in_due(desk=later.office.desk)
    assert await timed(later) == Counter(reminder=3)
    row = await later.office.view_rows.find_one({"_id": broken})
    assert row["timed_at"] == REMINDED_AT + timedelta(seconds=PUT_OFF_SECONDS)
    await later.office.view_rows.delete_one({"_id": broken})


async def test_nobody_is_reminded_of_what_is_just_about_to_be_told_as_changed(later: Later) -> None:
    """The reminder waits until the change is told, and is of the meeting as it is then."""
    await booked(later)
    later.clock.now = REMINDED_AT - timedelta(seconds=10)
    await later.tell(later.booked(0, 1), sequence=2)
    later.clock.now = REMINDED_AT
    await put_in_due(desk=later.office.desk)
    assert await later.waits()
    assert not await timed(later)
    view = await later.office.desk.views.read(later.of)
    await later.office.desk.views.advance(view.model_copy(update={"settling": None}), before=view)
    later.clock.wait(120)
    await put_in_due(desk=later.office.desk)
    assert await timed(later) == Counter(reminder=3)


async def test_courses_of_an_older_release_are_found_and_send_only_what_is_to_come(later: Later) -> None:
    """So are those that were worked out with other settings; a second look finds nothing to do."""
    await booked(later)
    await later.office.view_rows.update_one({"_id": later.of}, {"$unset": {"timed": "", "timed_at": ""}})
    later.clock.now = REMINDED_AT + timedelta(hours=2)
    desk = later.desk()
    assert await renew_page("", desk=desk) is not None
    assert await renew_page("", desk=desk) is None
    assert not await timed(later)
    assert (await desk.views.read(later.of)).timed_at == MATERIALS_AT
    hours = PROGRAMME.messages.model_copy(update={"send_hours": ("09:00", "16:00")})
    other = later.desk(programme=PROGRAMME.model_copy(update={"messages": hours}))
    last: str | None = ""
    while last is not None:
        last = await renew_page(last, desk=other)
    assert (await desk.views.read(later.of)).timed_at == at("2027-01-05T09:00")


@pytest.mark.parametrize("told_in", ["the mail", "the status page"])
async def test_materials_are_mailed_where_a_theme_of_the_course_has_some(later: Later, told_in: str) -> None:
    """The mail names them only where the programme wants it; a course without such a theme gets none."""
    await booked(later, now=MATERIALS_AT - timedelta(days=1))
    before = await later.office.desk.views.read(later.of)
    later.clock.now = MATERIALS_AT
    await put_in_due(desk=later.office.desk)
    assert not (await timed(later))["materials"]

    view = await later.office.desk.views.read(later.of)
    due_again = view.model_copy(update={"timed": before.timed, "timed_at": before.timed_at})
    await later.office.desk.views.advance(due_again, before=view)
    await put_in_due(desk=later.desk(programme=_with_materials(in_body=told_in == "the mail")))
    assert (await timed(later))["materials"] == 2
    content = await content_of(later, "leader", "materials")
    assert ("https://forloeb.example/laes" in content.text + content.html) == (told_in == "the mail")
    assert "Noget at læse" not in content.subject


async def test_contacts_are_written_to_as_they_are_now(later: Later) -> None:
    """Language, address and link may be newer in the application than where the course was written."""
    await booked(later)
    changed = application("admitted", of=later.of)
    contacts = [
        person(
            key, of=later.of, language="en", links={"status": f"https://new.example/{key}"}, mail=f"{key}@new.example"
        )
        for key in ("leader", "employee")
    ]
    event = await later.office.event(
        changed, sequence=1, kind=ContactChanged, people={one.person_id: one for one in contacts}
    )
    await later.office.tell_event(*event)
    later.clock.now = REMINDED_AT
    await put_in_due(desk=later.office.desk)
    content = await content_of(later, "leader", "reminder")
    assert (content.language, content.recipient) == ("en", "leader@new.example")
    assert "https://new.example/leader" in content.text


async def test_a_day_has_so_many_places_and_no_more(later: Later) -> None:
    """However many senders ask at once; the same mail has its place again, and what nobody counts any more goes."""
    collection = later.office.client[later.office.view_rows.database.name]["days"]
    days = Days(collection)
    await days.ensure_indexes()
    mails = [f"{later.of}-{number}" for number in range(20)]
    taken = await asyncio.gather(*(days.take("digest", "2027-01-05", one, places=5) for one in mails))
    assert sum(taken) == 5
    again = [await days.take("digest", "2027-01-05", one, places=5) for one in mails]
    assert again == taken
    assert await days.take("digest", "2027-01-05", "asked", places=None)
    assert not await days.take("digest", "2027-01-05", "other", places=6)
    assert await days.take("digest", "2027-01-06", mails[0], places=1)
    await days.tidy(at("2027-01-09T12:00"))
    assert [row["day"] async for row in collection.find({})] == ["2027-01-06"]


def _with_materials(*, in_body: bool) -> Programme:
    """The samples' only theme is no code that a file could have."""
    material = Material(name=Words(da="Noget at læse", en="Something to read"), url="https://forloeb.example/laes")
    theme = Theme.model_construct(code="canary-theme", da="a", en="b", materials=(material,))
    messages = PROGRAMME.messages.model_copy(
        update={"materials": MaterialsMail(working_days_before=5, in_body=in_body)}
    )
    return PROGRAMME.model_copy(update={"themes": (theme,), "messages": messages})
