"""The pages behind the links in mails."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.intake.course_view import CourseView
from services.intake.follow_views import follow_course
from services.intake.message_view import MessageView
from shared.events import ApplicationWaitlisted, CourseBooked, CourseEvent, Invite, Person
from shared.sealing import event_place
from shared.vault import application_key, person_key
from tests.browsing import Applied, Browser, Outline, applied
from tests.embedded import Embedded
from tests.event_samples import BOOKED, MEETINGS, envelope_of
from tests.intake_house import House, house, new_application, settings_for
from tests.told_courses import MATTER

CONSULTANT = Person(
    person_id="consultant",
    function="consultant",
    name="Karen Konsulent",
    title="",
    mail="karen@konsulenter.example",
    phone="12 34 56 78",
    language="da",
)

MEETING = {
    "code": "opening",
    "place": "workplace",
    "minutes": 120,
    "zone": "Europe/Copenhagen",
    "uid": "u@example",
    "sequence": 0,
    "dtstamp": "2026-11-20T09:00:00Z",
    "status": "confirmed",
}


@pytest.fixture
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


async def test_the_link_is_exchanged_for_a_cookie(intake: House) -> None:
    """After that no address holds a secret, and the cookie is for us alone and for half an hour."""
    mine = await applied(intake)
    answer = await intake.http.get(f"/s/{mine.token}")
    assert (answer.status_code, answer.headers["location"]) == (303, mine.page)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"forloeb_status_{mine.reference}=")
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=1800"):
        assert attribute in cookie
    assert mine.token not in (await Browser(intake).open(f"/s/{mine.token}"))


async def test_over_https_the_cookie_is_bound_to_the_host(stack: Embedded) -> None:
    """The `__Host-` prefix keeps other names of the domain, and plain http, from setting it."""
    async with house(settings_for(mongodb=stack.mongodb, FORLOEB_PUBLIC_URL="https://forloeb.example")) as intake:
        mine = await applied(intake)
        cookie = (await intake.http.get(f"/s/{mine.token}")).headers["set-cookie"]
    assert cookie.startswith(f"__Host-forloeb_status_{mine.reference}=")
    assert "Secure" in cookie


async def test_a_contact_confirms_with_one_button(intake: House) -> None:
    """The page asks, the button posts, and the way back is a GET that shows the new state."""
    mine = await applied(intake)
    browser = Browser(intake)
    await browser.open(f"/s/{mine.token}")
    after = await browser.press("confirm")
    assert [one.status_code for one in browser.page.history] == [303]
    assert "Imødekommet" in after
    assert "confirm" not in Outline(after).forms
    assert (await intake.stored(mine.id))["application"]["state"] == "admitted"


async def test_withdrawing_asks_once(intake: House) -> None:
    """The page links to a question, and only its button does it; the link then still shows what became of it."""
    mine = await applied(intake)
    browser = Browser(intake)
    assert f'href="{mine.page}/withdraw"' in await browser.open(f"/s/{mine.token}")
    await browser.open(f"{mine.page}/withdraw")
    assert "Trukket tilbage" in await browser.press("withdraw")
    assert (await browser.open(f"{mine.page}/withdraw")).count("<h1>Jeres ansøgning</h1>") == 1
    assert "Trukket tilbage" in await Browser(intake).open(f"/s/{mine.token}")


async def test_what_is_no_longer_possible_has_a_page_of_its_own(intake: House) -> None:
    """Somebody else withdrew while this page stood open."""
    mine = await applied(intake)
    browser = Browser(intake)
    await browser.open(f"/s/{mine.token}")
    await intake.http.post(f"/api/v1/status/{mine.token}/withdraw")
    assert "Det kan ikke længere lade sig gøre" in await browser.press("confirm")
    assert browser.page.status_code == 409


async def test_several_applications_are_open_in_one_browser(intake: House) -> None:
    """Each has its own cookie, and the one's buttons do nothing to the other."""
    first, second = await applied(intake), await applied(intake)
    browser = Browser(intake)
    await browser.open(f"/s/{first.token}")
    await browser.open(f"/s/{second.token}")
    await browser.open(first.page)
    await browser.press("confirm")
    assert (await intake.stored(first.id))["application"]["state"] == "admitted"
    assert (await intake.stored(second.id))["application"]["state"] == "submitted"
    assert second.reference in await browser.open(second.page)


async def test_a_page_in_use_stays_open_and_an_idle_one_is_closed(intake: House) -> None:
    """Each page renews the half hour; after it the link in the mail opens the page again."""
    mine = await applied(intake)
    browser = Browser(intake)
    await browser.open(f"/s/{mine.token}")
    for _ in range(3):
        intake.clock.forward(minutes=29)
        assert mine.reference in await browser.open(mine.page)
    # The browser of a test keeps no time of its own, so that it sends the cookie still.
    intake.clock.forward(minutes=30)
    await browser.open(mine.page)
    assert browser.page.status_code == 404
    assert mine.reference in await browser.open(f"/s/{mine.token}")


@pytest.mark.parametrize(("language", "title"), [("da", "Jeres ansøgning"), ("en", "Your application")])
async def test_the_page_speaks_the_contacts_language(intake: House, language: str, title: str) -> None:
    """Whatever the browser prefers."""
    mine = await applied(intake, **{"contacts.leader.language": language})
    browser = Browser(intake)
    browser.http.headers["Accept-Language"] = "en" if language == "da" else "da"
    page = await browser.open(f"/s/{mine.token}")
    assert Outline(page).language == language
    assert f"<h1>{title}</h1>" in page


async def test_a_contact_changes_language_for_page_and_mails(intake: House) -> None:
    """Told as an event with the new block, so that whoever writes to this person knows; the others keep theirs."""
    mine = await applied(intake)
    browser = Browser(intake)
    await browser.open(f"/s/{mine.token}")
    assert "<h1>Your application</h1>" in await browser.press("language")
    told = intake.events(mine.id)
    assert [one.envelope.type for one in told][1:] == ["dk.forloeb.ContactChanged.v1"]
    people = await intake.people(told[-1])
    assert (people["leader"].language, people["employee"].language) == ("en", "da")
    assert people["leader"].links["status"].endswith(mine.token)
    for chosen in ("en", "xx"):
        assert "<h1>Your application</h1>" in await browser.press("language", language=chosen)
    assert len(intake.events(mine.id)) == 2, "what is chosen already, or is no language of ours, changes nothing"


async def booked(intake: House, mine: Applied, **changes: Any) -> None:
    meetings = [
        MEETING | {"meeting_id": "m1", "start": "2027-06-08T07:00:00Z", "wall_start": "2027-06-08T09:00"},
        MEETING | {"meeting_id": "m2", "start": "2027-01-12T08:00:00Z", "wall_start": "2027-01-12T09:00"},
    ]
    course = CourseView.model_validate({"sequence": 1, "state": "booked", "meetings": meetings} | changes)
    await intake.parts.store.put_course(mine.id, course)


async def test_the_dates_of_the_course_are_told_in_words(intake: House) -> None:
    """Local time of the meeting, summer and winter; where it is held; and when the next one is."""
    mine = await applied(intake)
    browser = Browser(intake)
    await browser.open(f"/s/{mine.token}")
    await browser.press("confirm")
    await booked(intake, mine)
    page = await browser.open(mine.page)
    assert re.findall(r"<time[^>]*>([^<]*)</time>", page) == [
        "tirsdag den 12. januar 2027 kl. 9.00–11.00",
        "tirsdag den 8. juni 2027 kl. 9.00–11.00",
    ]
    assert "Næste møde er tirsdag den 12. januar 2027" in page
    assert "Hos jer: Jobcenter" in page


async def test_the_mails_are_listed_with_what_became_of_them(intake: House) -> None:
    """What, to whom by function, when, and whether a mail server took it; the newest first."""
    mine = await applied(intake)
    leader, employee = (await intake.stored(mine.id))["application"]["contacts"]
    for number, (person, state) in enumerate([(leader, "accepted"), (employee, "failed"), ("gone", "accepted")]):
        view = MessageView(
            message_id=f"{mine.id}-{number}",
            application_id=mine.id,
            sequence=1,
            person_id=person,
            kind="receipt",
            state=state,
            decided_at=intake.clock() + timedelta(minutes=number),
        )
        assert await intake.parts.store.put_message(view) == 0
        assert await intake.parts.store.put_message(view) is None
    page = await Browser(intake).open(f"/s/{mine.token}")
    cells = [" ".join(cell.split()) for cell in re.findall(r"<td>([^<]*)</td>", page)]
    assert cells[2::4] == ["Konsulent", "Medarbejderrepræsentant", "Leder"]
    assert cells[3::4] == ["Sendt", "Kunne ikke leveres", "Sendt"]


async def test_pages_hold_what_assistive_technology_needs_and_nothing_inline(intake: House) -> None:
    """One h1, a main part, a language; no inline script or style, which the policy forbids."""
    mine = await applied(intake)
    browser = Browser(intake)
    for path in (f"/s/{mine.token}", f"{mine.page}/withdraw", "/s/junk", "/nyt-link", "/nyt-link/sendt"):
        outline = Outline(await browser.open(path))
        assert outline.language == "da"
        assert (outline.tags.count("h1"), outline.tags.count("main"), outline.tags.count("title")) == (1, 1, 1)
        assert not {"script", "style"} & set(outline.tags)
        assert outline.inline == []
        headers = browser.page.headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")


async def test_what_was_sent_in_is_repeated_in_words(intake: House) -> None:
    """All answers under the form's labels, codes in words, the free texts among them; markup in them stays text."""
    mine = await applied(
        intake,
        challenge="Vi er lagt sammen.\n<b>Hvordan</b> samarbejder vi?",
        wishes={
            "avoid_weekdays": ["fri"],
            "preferred_hours": {"from_time": "09:00", "to_time": "15:00"},
            "avoid_hours": [{"weekday": "mon", "from_time": "08:00", "to_time": "10:00"}],
            "unavailable": [
                {"first_day": "2027-02-08", "last_day": "2027-02-12"},
                {"first_day": "2027-03-01", "last_day": "2027-03-01", "from_time": "12:00", "to_time": "16:00"},
            ],
            "weeks_out": ["2027-W07"],
        },
    )
    page = await Browser(intake).open(f"/s/{mine.token}")
    found = dict(re.findall(r"<dt>([^<]*)</dt><dd>(.*?)</dd>", page, re.DOTALL))
    state = (await intake.stored(mine.id))["application"]
    assert found["Hvem søger?"].startswith("TRIO")
    assert found["Beskriv kort udfordringen"] == "Vi er lagt sammen.<br>&lt;b&gt;Hvordan&lt;/b&gt; samarbejder vi?"
    assert found["Hvor mange medarbejdere er der?"] == str(state["employees"])
    assert found["Tidspunkter, der passer bedst"] == "9.00–15.00"
    assert found["Faste tidspunkter, hvor I ikke kan mødes"] == "Mandag 8.00–10.00"
    assert found["Dage og perioder, hvor I ikke kan mødes"].split("<br>") == [
        "8. februar 2027 – 12. februar 2027",
        "1. marts 2027, 12.00–16.00",
        "15. februar 2027 – 21. februar 2027",
    ]
    for word in ("Ringsted", "@kommune.example", "Samarbejdet mellem medarbejdere", "Dansk"):
        assert word in page


def labels(page: str) -> set[str]:
    """The labels of the answers on a status page."""
    return set(re.findall(r"<dt>([^<]*)</dt>", page))


async def test_a_contact_reads_the_others_names_but_not_how_to_reach_them(intake: House) -> None:
    """A mistyped address must not hand out other people's details; whoever sent the application has typed them all."""
    body = new_application({"contacts.leader.phone": "11223344", "contacts.employee_representative.phone": "55667788"})
    answer = await intake.accepted(body)
    leader, employee = body["contacts"]["leader"], body["contacts"]["employee_representative"]
    own, others = (leader["email"], "11223344"), (employee["email"], "55667788")
    page = await Browser(intake).open(f"/s/{await intake.contact_token(answer['application_id'])}")
    assert [text for text in (leader["name"], employee["name"], *own) if text not in page] == []
    assert [text for text in others if text in page] == []
    page = await Browser(intake).open(f"/s/{await intake.contact_token(answer['application_id'], 'employee')}")
    assert [text for text in (leader["name"], employee["name"], *others) if text not in page] == []
    assert [text for text in own if text in page] == []
    page = await Browser(intake).open(answer["page_url"].removeprefix("http://127.0.0.1:8000"))
    assert [text for text in (*own, *others) if text not in page] == []


async def test_erased_people_are_left_out_and_the_page_still_works(intake: House) -> None:
    """One contact, then the application's own data, then the reader."""
    mine = await applied(intake)
    state = (await intake.stored(mine.id))["application"]
    browser = Browser(intake)
    assert {"Leder", "Medarbejderrepræsentant"} <= labels(await browser.open(f"/s/{mine.token}"))
    await intake.parts.vault.erase(person_key(state["contacts"][1]))
    page = await browser.open(mine.page)
    assert labels(page) & {"Leder", "Medarbejderrepræsentant"} == {"Leder"}
    assert len(set(re.findall(r"[\w.]+@kommune\.example", page))) == 1
    await intake.parts.vault.erase(application_key(mine.id))
    after = await browser.open(mine.page)
    assert (browser.page.status_code, "Ringsted" in after) == (200, False)
    await intake.parts.vault.erase(person_key(state["contacts"][0]))
    await browser.open(mine.page)
    assert (browser.page.status_code, "@kommune.example" in browser.page.text) == (200, False)
    assert "<h1>Jeres ansøgning</h1>" in browser.page.text


async def told_of_course(
    intake: House, mine: Applied, kind: type[CourseEvent], *, sequence: int, **changes: Any
) -> None:
    """What the scheduler tells of the course of an application: meetings, a consultant, and each person's invites."""
    event_id = f"event-{mine.id}-{sequence}"
    place = event_place(mine.id, kind.type, event_id)
    contacts = (await intake.people(intake.events(mine.id)[-1])).values()
    consultant = CONSULTANT.model_copy(update={"person_id": f"consultant-{mine.id}"})
    await intake.parts.vault.create([person_key(consultant.person_id)])
    people = [
        one.model_copy(
            update={
                "invites": tuple(
                    Invite(
                        meeting_id=meeting.meeting_id, method="REQUEST", sequence=0, ics=f"ICS of {one.function}\r\næ"
                    )
                    for meeting in MEETINGS
                )
            }
        )
        for one in (*contacts, consultant)
    ]
    blocks = {
        one.person_id: await intake.parts.vault.seal(one, key_id=person_key(one.person_id), place=place)
        for one in people
    }
    course = BOOKED.model_copy(
        update={
            "application_id": mine.id,
            "people": blocks,
            "matter": await intake.parts.vault.seal(MATTER, key_id=application_key(mine.id), place=place),
            "consultant_id": consultant.person_id,
        }
        | changes
    )
    envelope = envelope_of(kind, id=event_id, subject=mine.id, sequence=sequence)
    assert await follow_course(kind.model_validate({"course": course}), envelope, views=intake.parts.store) == "handled"


async def test_each_contact_fetches_their_own_invites(intake: House) -> None:
    """The very bytes that were mailed to this contact; whoever sent the application has none."""
    answer = await intake.accepted(new_application())
    leader = Applied(
        answer["application_id"], answer["reference"], await intake.contact_token(answer["application_id"])
    )
    await intake.http.post(f"/api/v1/status/{leader.token}/confirm")
    await told_of_course(intake, leader, CourseBooked, sequence=1)
    browser = Browser(intake)
    page = await browser.open(f"/s/{leader.token}")
    assert "Karen Konsulent leder forløbet." in page
    links = re.findall(r'href="([^"]+\.ics)"', page)
    assert links == [f"{leader.page}/meetings/{one.meeting_id}.ics" for one in MEETINGS]
    assert await browser.open(links[0]) == "ICS of leader\r\næ"
    headers = browser.page.headers
    assert headers["content-type"] == "text/calendar; charset=utf-8; method=REQUEST"
    assert headers["content-disposition"] == f'attachment; filename="{leader.reference}-opening.ics"'
    await browser.open(f"{leader.page}/meetings/other.ics")
    assert browser.page.status_code == 404

    sender = Browser(intake)
    page = await sender.open(answer["page_url"].removeprefix("http://127.0.0.1:8000"))
    assert ("Mødeindkaldelserne er sendt til kontaktpersonerne" in page, ".ics" in page) == (True, False)
    await sender.open(links[0])
    assert sender.page.status_code == 404

    await intake.parts.vault.erase(person_key(f"consultant-{leader.id}"))
    page = await browser.open(leader.page)
    assert (browser.page.status_code, "leder forløbet" in page) == (200, False)


async def test_cancelled_and_past_meetings_are_not_open(intake: House) -> None:
    """A meeting that was held stays to be seen without an invite; one that was cancelled is gone."""
    mine = await applied(intake)
    await intake.http.post(f"/api/v1/status/{mine.token}/confirm")
    held = MEETINGS[0].model_copy(update={"start": intake.clock() - timedelta(days=1)})
    meetings = (held, MEETINGS[1].model_copy(update={"status": "cancelled"}))
    await told_of_course(intake, mine, CourseBooked, sequence=1, meetings=meetings)
    page = await Browser(intake).open(f"/s/{mine.token}")
    assert (page.count("<time"), "(afholdt)" in page, ".ics" in page) == (1, True, False)
    assert "Det sidste møde er holdt." in page


async def test_who_waits_is_told_why(intake: House) -> None:
    """In plain words, without blame, with what happens next and the last day for a start."""
    mine = await applied(intake)
    await intake.http.post(f"/api/v1/status/{mine.token}/confirm")
    waiting = {"state": "waiting", "meetings": (), "consultant_id": None, "reasons": {"themes": 2, "capacity": 1}}
    await told_of_course(intake, mine, ApplicationWaitlisted, sequence=1, **waiting)
    page = await Browser(intake).open(f"/s/{mine.token}")
    assert "På venteliste" in page
    assert "2 konsulenter arbejder ikke med alle jeres temaer." in page
    assert "Én konsulent har ikke plads til flere forløb lige nu." in page
    assert "Forløbet kan begynde senest" in page
    intake.clock.forward(days=intake.parts.programme.windows.first_meeting_within_days)
    page = await Browser(intake).open(f"/s/{mine.token}")
    assert ("Vi fandt desværre ingen konsulent" in page, "prøver igen" in page) == (True, False)
