"""What coordinators see of mails, on a real database: states, attempts, what was said, what is planned; and no secret of anybody."""

import csv
import io
import re
from collections.abc import AsyncIterator
from typing import get_args

import pytest
from structlog.testing import capture_logs

from services.notifier.planned import MessageKind
from services.notifier.staff.desk import PAGES
from services.notifier.staff.words import KINDS, LISTS
from tests.embedded import Embedded
from tests.mail_desk import RETURN_PATH, MailDesk, mail_desk, some_mails
from tests.notifier_samples import MATTER

UNKNOWN = "0193fd6a-0000-7000-8000-000000000001"


@pytest.fixture(scope="module")
async def desk(stack: Embedded) -> AsyncIterator[MailDesk]:
    """With mails in several states; nothing here changes them."""
    async with mail_desk(stack) as opened:
        await some_mails(opened)
        yield opened


async def test_mails_that_did_not_arrive_come_first(desk: MailDesk) -> None:
    """The list that opens holds them, with whom they were for and why; the others lie behind tabs with their numbers."""
    shown = await desk.page()
    assert "Kræver opmærksomhed (2)" in shown
    assert "Sendt (11)" in shown
    assert "Venter (" in shown
    assert shown.count("Kunne ikke sendes</strong><br>adressen findes ikke<br>550 5.1.1") == 2
    assert "Åse Leader, Leder" in shown
    assert "SPARK-7K4M-2QX9" not in shown


async def test_lists_are_filtered_by_state_kind_and_day(desk: MailDesk) -> None:
    """By all at once; a kind or a day that there is not leaves an empty list, a day that is none filters nothing."""
    assert "SPARK-3333-3333" in await desk.page("?show=waiting")
    sent = await desk.page("?show=accepted&kind=invite")
    assert (sent.count("Mødeindkaldelse</a>"), "Besked om forløbet</a>" in sent) == (6, False)
    today = f"{desk.clock().astimezone(desk.office.desk.programme.tz):%Y-%m-%d}"
    assert "Mødeindkaldelse</a>" in await desk.page(f"?show=accepted&day={today}")
    assert "Der er ingen." in await desk.page("?show=accepted&day=2020-01-01")
    for none in ("nothing", "0001-01-01", "9999-12-31"):
        assert "Mødeindkaldelse</a>" in await desk.page(f"?show=accepted&day={none}")
    assert (await desk.told("?day=9999-12-31")).status_code == 422


async def test_a_list_goes_on_page_by_page_without_leaving_any_out(desk: MailDesk) -> None:
    """By a cursor that also programs get; one that nobody gave begins anew."""
    seen: list[str] = []
    after = ""
    while True:
        told = (await desk.told(f"?show=all&limit=4&after={after}")).json()
        seen += [one["message_id"] for one in told["messages"]]
        assert len(told["messages"]) <= 4
        if told["after"] is None:
            break
        after = told["after"].replace("+", "%2B")
    assert len(seen) == len(set(seen)) == told["counts"]["all"]
    for unknown in ("x", "2027-01-12T09:00:00|x", "0001-01-01T00:00:00%2B02:00|x"):
        assert len((await desk.told(f"?show=all&after={unknown}")).json()["messages"]) == len(seen)
    assert (await desk.told("?show=all&after=junk")).json()["messages"][0]["message_id"] == seen[0]


async def test_a_list_comes_as_a_file_without_anybodys_name(desk: MailDesk) -> None:
    """For a spreadsheet program, with the codes and the mails' ids."""
    answer = await desk.http.get(f"{PAGES}/messages.csv", params={"show": "failed"})
    assert "attachment" in answer.headers["content-disposition"]
    heading, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert heading[0] == "Skrevet"
    assert [row[3:5] + row[7:9] for row in rows] == [["Kunne ikke sendes", "adressen findes ikke", "550", "5.1.1"]] * 2
    assert "Åse" not in answer.text
    assert "@" not in answer.text


async def test_all_mails_of_an_application_stand_by_person_with_each_attempt(desk: MailDesk) -> None:
    """Phase, codes and the server's own words, but for what lets somebody in; and that the address takes no mail."""
    shown = await desk.page("/applications/a002")
    assert shown.index("Åse Leader, Leder") < shown.index("Åse Employee, Medarbejderrepræsentant")
    assert "a002-leader@kommune.example" in shown
    assert shown.count("Adressen tager ikke imod mails") == 2
    assert "/review/applications/a002/contacts/a002-leader/address" in shown
    assert "afvist (modtager), adressen findes ikke. Kode 550 5.1.1" in shown
    assert "5.1.1 Ingen postkasse, skriv til bounce+…@forloeb.example" in shown
    assert RETURN_PATH not in shown
    assert "Lad adressen få mails igen" in shown


async def test_what_is_to_come_stands_below_each_person(desk: MailDesk) -> None:
    """The consultant's address is kept in the roster; materials are not planned where no theme of the course has any."""
    shown = await desk.page("/applications/a001")
    assert "/coordinator/consultants/a001-consultant" in shown
    assert "Påmindelse om et møde" in shown
    assert {one.kind for one in await desk.planned()} >= {"materials", "reminder"}
    assert "Materialer" not in shown
    assert MATTER.themes[0] not in shown


async def test_planned_mails_of_all_courses_stand_in_order(desk: MailDesk) -> None:
    """Only as far ahead as is asked for; with whom they go to."""
    assert "Der er ikke planlagt noget i de dage." in await desk.page("/planned?days=1")
    shown = await desk.page("/planned?days=92")
    days = [(int(month == "januar"), int(day)) for day, month in re.findall(r"<td>(\d+)\. (december|januar) 20", shown)]
    assert days == sorted(days) != []
    assert "Åse Consultant, Konsulent" in shown


async def test_a_mail_is_seen_as_its_recipient_saw_it(desk: MailDesk) -> None:
    """In a frame that runs and loads nothing, and as text; without the links that would let staff in as somebody else."""
    message = await desk.message("course_booked")
    shown = await desk.page(f"/{message.message_id}")
    assert '<iframe class="mail" sandbox src=' in shown
    assert "[personligt link, vises ikke]" in shown
    with capture_logs() as lines:
        frame = await desk.http.get(f"{PAGES}/{message.message_id}/mail.html")
    assert [one["message_id"] for one in lines if one["event"] == "message-seen"] == [message.message_id]
    assert frame.headers["content-security-policy"].startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'")
    assert frame.headers["x-frame-options"] == "SAMEORIGIN"
    assert "Plejecenter" in frame.text + shown
    for text in (shown, frame.text):
        assert "/s/a001-leader" not in text
    assert (
        "frame-src 'self'" in (await desk.http.get(f"{PAGES}/{message.message_id}")).headers["content-security-policy"]
    )


async def test_what_calendars_read_is_shown_without_the_address_to_answer_at(desk: MailDesk) -> None:
    """Line by line."""
    shown = await desk.page(f"/{(await desk.message('invite')).message_id}")
    assert "BEGIN:VEVENT\n" in shown
    assert "SUMMARY:SPARK-forløb: indledende møde\n" in shown


async def test_addresses_without_mail_are_listed_with_their_reason(desk: MailDesk) -> None:
    """In clear for coordinators; programs get their digests."""
    shown = await desk.page("/suppressed")
    assert "2 adresser" in shown
    assert "a002-employee@kommune.example" in shown
    assert "adressen findes ikke<br>5.1.1" in shown
    told = (await desk.told("/suppressed")).json()
    assert told["count"] == 2
    assert {one["person_id"] for one in told["suppressed"]} == {"a002-leader", "a002-employee"}
    assert "@" not in str(told)


async def test_programs_get_ids_and_codes(desk: MailDesk) -> None:
    """One mail with its attempts, all of an application, what is planned; nobody's name."""
    message = await desk.message("receipt", of="a002")
    told = (await desk.told(f"/{message.message_id}")).json()
    assert (told["state"], told["code"], told["enhanced_code"], told["not_again"]) == (
        "failed",
        550,
        "5.1.1",
        "suppressed",
    )
    assert [(one["phase"], one["outcome"]) for one in told["tries"]] == [("rcpt", "failed")]
    assert "a" * 52 not in told["tries"][0]["said"]
    whole = (await desk.told("/applications/a001")).json()
    planned = (await desk.told("/planned?days=92")).json()
    assert len(whole["messages"]) == 11
    assert {one["key"] for one in whole["planned"]} >= {one["key"] for one in planned["planned"]}
    assert "Åse" not in f"{told}{whole}{planned}"


async def test_no_name_stands_in_a_title(desk: MailDesk) -> None:
    """Titles stay in the browser's history."""
    message = await desk.message("receipt", of="a002")
    for path in (
        "",
        "/planned",
        "/suppressed",
        "/applications/a002",
        f"/{message.message_id}",
        f"/{message.message_id}/acts/again",
    ):
        title = re.search(r"<title>(.*?)</title>", (await desk.http.get(f"{PAGES}{path}")).text, re.DOTALL)
        assert title is not None
        assert "Åse" not in title[1]
        assert "@" not in title[1]


async def test_what_is_not_there_is_a_page_of_its_own(desk: MailDesk) -> None:
    """An unknown mail, application, address or act."""
    for path in (f"/{UNKNOWN}", f"/{UNKNOWN}/mail.html", f"/applications/{UNKNOWN}", f"/{UNKNOWN}/acts/stop"):
        await desk.page(path, status=404)
    await desk.page(f"/suppressed/{'x' * 22}/lift", status=404)
    assert (await desk.told(f"/{UNKNOWN}")).json()["title"] == "There is no such mail"


def test_every_kind_and_list_has_its_words() -> None:
    """Each is told from the others."""
    assert set(KINDS) >= set(get_args(MessageKind))
    for words in (KINDS, LISTS):
        assert len({one.da for one in words.values()}) == len(words)
