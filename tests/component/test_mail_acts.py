"""What coordinators do about mails, on a real database: stop, move, send again, let an address have mail again."""

import asyncio
import html
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest

from services.notifier.message import MailContent, mail_place
from services.notifier.staff.again import AGAIN_MAX
from services.notifier.staff.desk import PAGES
from shared.address_digest import digest
from shared.events import ContactChanged
from tests.embedded import Embedded
from tests.mail_desk import LATER, REASON, MailDesk, mail_desk
from tests.notifier_samples import application, course, meeting, person
from tests.scripted_smtp import ScriptedSmtp

NO_MAILBOX = {"RCPT": "550 5.1.1 no such mailbox"}


@pytest.fixture
async def desk(stack: Embedded) -> AsyncIterator[MailDesk]:
    """A booked course of which everybody's mails wait."""
    async with mail_desk(stack) as opened:
        await opened.office.tell(application("admitted"), sequence=1)
        await opened.office.tell(course(), sequence=1)
        yield opened


async def sent(desk: MailDesk) -> None:
    async with ScriptedSmtp() as server, desk.office.sending(server.port):
        await desk.office.until_states("accepted", "stopped", "failed")


async def refused(desk: MailDesk, rude: dict[str, str]) -> None:
    async with ScriptedSmtp(rude) as server, desk.office.sending(server.port, patience=LATER):
        await desk.office.until_states("accepted", "failed", "deferred")


async def test_a_waiting_mail_is_stopped_after_a_question(desk: MailDesk) -> None:
    """It is not sent, its page says who stopped it and why, and the event goes out with the same write."""
    message = await desk.message("course_booked")
    answer = await desk.act(f"/{message.message_id}/acts/stop", reason=REASON)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGES}/{message.message_id}?done=stop")
    await sent(desk)
    shown = await desk.page(f"/{message.message_id}?done=stop")
    for words in ("Mailen er stoppet", "Stoppet</strong>", "stoppet af en medarbejder", REASON):
        assert words in shown
    assert (await desk.message("course_booked")).attempts == ()
    assert desk.acts() == ["message.stopped"]


async def test_a_question_changes_nothing(desk: MailDesk) -> None:
    """Not the first POST, and not one whose token is another's or of another act."""
    message = await desk.message("course_booked")
    address = f"{PAGES}/{message.message_id}/acts/stop"
    assert "Skal mailen stoppes?" in (await ask(desk, address)).text
    forged = await desk.http.post(address, data={"reason": REASON, "confirmed": "yes", "form_token": "x"})
    assert forged.status_code == 200
    assert (await desk.message("course_booked")).state == "pending"
    assert desk.published == []


async def test_a_form_says_what_is_missing(desk: MailDesk) -> None:
    """A reason that says nothing, no day, no time; what was typed stays."""
    message = await desk.message("course_booked")
    answer = await desk.act(f"/{message.message_id}/acts/move", reason="kort", day="", clock="25:99")
    assert answer.status_code == 422
    for words in ("Skriv hvorfor", "Skriv en dato", "Skriv et klokkeslæt", "kort</textarea>"):
        assert words in html.unescape(answer.text)
    for day in ("0001-01-01", "9999-12-31"):
        answer = await desk.act(f"/{message.message_id}/acts/move", reason=REASON, day=day, clock="00:00")
        assert (answer.status_code, "Skriv en dato" in answer.text) == (422, True)


async def test_a_waiting_mail_goes_out_at_the_time_that_was_chosen(desk: MailDesk) -> None:
    """In the programme's zone, after a question that says it; it is not sent before."""
    message = await desk.message("course_booked")
    day = (desk.clock() + timedelta(days=3)).astimezone(desk.office.desk.programme.tz)
    answer = await desk.act(f"/{message.message_id}/acts/move", reason=REASON, day=f"{day:%Y-%m-%d}", clock="09:30")
    assert answer.headers["location"].endswith("done=move")
    moved = await desk.message("course_booked")
    assert moved.due_at is not None
    assert f"{moved.due_at.astimezone(day.tzinfo):%Y-%m-%d %H:%M}" == f"{day:%Y-%m-%d} 09:30"
    assert "kl. 9.30" in await desk.page(f"/{message.message_id}")
    past = await desk.act(f"/{message.message_id}/acts/move", reason=REASON, day="2020-01-01", clock="09:30")
    assert (past.status_code, "Tidspunktet er allerede forbi" in past.text) == (422, True)
    assert desk.acts() == ["message.moved"]


async def test_only_one_of_two_acts_at_once_is_done(desk: MailDesk) -> None:
    """The other is told that the mail has changed, or is done."""
    message = await desk.message("course_booked")
    orders = [desk.told(f"/{message.message_id}/stop", reason=REASON) for _ in range(2)]
    answers = await asyncio.gather(*orders)
    assert sorted(one.status_code for one in answers) == [200, 409]
    assert len(desk.acts()) == 1
    again = await desk.told(f"/{message.message_id}/stop", reason=REASON)
    assert again.json()["code"] == "done"


async def test_a_mail_is_sent_again_as_a_new_one(desk: MailDesk) -> None:
    """The same words to the same address under another id, linked both ways; pressing the button twice sends one."""
    await sent(desk)
    first = await desk.message("course_booked")
    form = f"/{first.message_id}/acts/again"
    answers = [await desk.act(form, reason=REASON, number="0"), await desk.act(form, reason=REASON, number="0")]
    second = await desk.message("course_booked")
    assert answers[0].headers["location"] == f"{PAGES}/{second.message_id}?done=again"
    assert (second.resend_of, (await desk.office.messages.find(first.message_id)).resent_as) == (  # type: ignore[union-attr]
        first.message_id,
        second.message_id,
    )
    assert second.internet_message_id != first.internet_message_id
    contents = [
        await desk.office.vault.unseal(one.mail, MailContent, place=mail_place(one.message_id))
        for one in (first, second)
    ]
    assert contents[0] == contents[1]
    await sent(desk)
    assert (await desk.message("course_booked")).state == "accepted"
    assert desk.acts() == ["message.sent-again"]
    assert "gentager en ældre mail" in await desk.page(f"/{second.message_id}")


async def test_before_a_mail_is_sent_again_staff_see_to_whom(desk: MailDesk) -> None:
    """The person, her address and the kind of mail; and that old links in it are void, where they are."""
    await sent(desk)
    message = await desk.message("course_booked")
    form = f"{PAGES}/{message.message_id}/acts/again"
    shown = html.unescape((await ask(desk, form)).text)
    assert "Besked om forløbet: Åse Leader (Leder), a001-leader@kommune.example" in shown
    assert "personlige links, som ikke virker længere" not in shown
    renewed = person("leader", links={"status": "http://127.0.0.1:8000/s/et-nyere-link-af-samme-slags"})
    people = {one.person_id: one for one in (renewed, person("employee"))}
    changed = application("admitted")
    await desk.office.tell_event(*await desk.office.event(changed, sequence=2, people=people, kind=ContactChanged))
    assert "personlige links, som ikke virker længere" in html.unescape((await ask(desk, form)).text)


async def test_mails_left_behind_at_an_old_address_need_nobody(desk: MailDesk) -> None:
    """Once the person has another one and is told everything there; those of others that failed stay pointed out."""
    await refused(desk, NO_MAILBOX)
    missed = [one for one in await desk.office.messages.of_application("a001") if one.state == "failed"]
    of_leader = [one.message_id for one in missed if one.person_id == "a001-leader"]
    assert of_leader
    people = {one.person_id: one for one in (person("leader", mail="ny@kommune.example"), person("employee"))}
    await desk.office.tell_event(
        *await desk.office.event(application("admitted"), sequence=2, people=people, kind=ContactChanged)
    )
    told = (await desk.told("")).json()
    assert told["counts"]["attention"] == len(missed) - len(of_leader) > 0
    assert not {one["message_id"] for one in told["messages"]} & set(of_leader)


async def test_an_invite_that_a_newer_one_overtook_is_not_sent_again(desk: MailDesk) -> None:
    """The newer one is, with its stored bytes."""
    await sent(desk)
    old = await desk.message("invite")
    await desk.office.tell(course(meetings=(meeting(0, moves=1), meeting(1, moves=1))), sequence=2)
    await sent(desk)
    new = await desk.message("invite")
    assert new.message_id != old.message_id
    answer = await desk.told(f"/{old.message_id}/again", reason=REASON)
    assert (answer.status_code, answer.json()["code"]) == (409, "outdated")
    assert "der er en nyere om det samme" in await desk.page(f"/{old.message_id}")
    assert (await desk.told(f"/{new.message_id}/again", reason=REASON)).status_code == 200


async def test_what_is_not_sent_yet_is_not_sent_again(desk: MailDesk) -> None:
    """Nor what goes out once more already, nor the same for ever."""
    message = await desk.message("course_booked")
    assert (await desk.told(f"/{message.message_id}/again", reason=REASON)).json()["code"] == "unsent"
    await sent(desk)
    codes = []
    for _ in range(AGAIN_MAX + 1):
        codes.append((await desk.told(f"/{message.message_id}/again", reason=REASON)).json().get("code"))
        codes.append((await desk.told(f"/{message.message_id}/again", reason=REASON)).json().get("code"))
        await sent(desk)
    assert codes == [None, "under_way"] * AGAIN_MAX + ["often", "often"]


async def test_an_address_gets_mail_again_and_then_its_failed_mail(desk: MailDesk) -> None:
    """Until then nothing is sent again to it; the question lists what can be."""
    await desk.office.tell(application("submitted", of="a002"), sequence=1)
    await refused(desk, NO_MAILBOX)
    message = await desk.message("receipt", of="a002")
    assert (await desk.told(f"/{message.message_id}/again", reason=REASON)).json()["code"] == "suppressed"
    address = digest("a002-leader@kommune.example", key=bytes(32))
    assert "Kvittering, " in html.unescape((await ask(desk, f"{PAGES}/suppressed/{address}/lift")).text)
    answer = await desk.act(f"/suppressed/{address}/lift", reason=REASON)
    assert answer.headers["location"] == f"{PAGES}/suppressed?done=lift"
    assert "Adressen får mails igen" in await desk.page("/suppressed?done=lift")
    assert (await desk.told(f"/suppressed/{address}/lift", reason=REASON)).json()["code"] == "not_suppressed"
    assert (await desk.told(f"/{message.message_id}/again", reason=REASON)).status_code == 200
    await sent(desk)
    assert (await desk.message("receipt", of="a002")).state == "accepted"
    assert desk.acts() == ["address.lifted", "message.sent-again"]


async def test_a_planned_mail_is_stopped_and_let_go_after_all(desk: MailDesk) -> None:
    """As long as its time has not come; what staff did goes out with the same write."""
    mail = next(one for one in await desk.planned() if one.kind == "reminder")
    form = f"/planned/a001/{mail.key}/acts"
    assert (await desk.act(f"{form}/stop", reason=REASON)).headers["location"].endswith("done=planned-stop")
    assert [one.stopped for one in await desk.planned() if one.key == mail.key] == [True]
    assert "stoppet</strong>" in await desk.page("/planned?days=92")
    assert (await desk.act(f"{form}/release", reason=REASON)).status_code == 303
    assert [one.stopped for one in await desk.planned() if one.key == mail.key] == [False]
    assert desk.acts() == ["planned-message.stopped", "planned-message.released"]


async def test_a_planned_mail_is_moved_within_the_hours_and_while_it_helps(desk: MailDesk) -> None:
    """Every other time is refused with a sentence; a mail that is planned no more, too."""
    mail = next(one for one in await desk.planned() if one.kind == "reminder")
    zone = desk.office.desk.programme.tz
    day = f"{mail.due_at.astimezone(zone):%Y-%m-%d}"
    form = f"/planned/a001/{mail.key}/acts/move"
    night = await desk.act(form, reason=REASON, day=day, clock="03:00")
    assert (night.status_code, "sender vi ikke mails" in night.text) == (422, True)
    late = (mail.useful_until + timedelta(days=7)).astimezone(zone)
    assert (
        "hjælper mailen ikke længere"
        in (await desk.act(form, reason=REASON, day=f"{late:%Y-%m-%d}", clock="09:00")).text
    )
    assert (await desk.act(form, reason=REASON, day=day, clock="13:15")).status_code == 303
    moved = next(one for one in await desk.planned() if one.key == mail.key)
    assert (f"{moved.due_at.astimezone(zone):%H:%M}", moved.moved_from) == ("13:15", mail.due_at)
    assert "flyttet fra" in await desk.page("/planned?days=92")
    await desk.office.tell(course("cancelled"), sequence=2)
    for of in ("a001", "a999"):
        gone = await desk.told(f"/planned/{of}/{mail.key}/stop", reason=REASON)
        assert (gone.status_code, gone.json()["code"]) == (409, "not_planned")


async def ask(desk: MailDesk, address: str) -> httpx2.Response:
    """The question before an act."""
    token = (await desk.http.get(address)).text.partition('name="form_token" value="')[2].partition('"')[0]
    return await desk.http.post(address, data={"form_token": token, "reason": REASON})
