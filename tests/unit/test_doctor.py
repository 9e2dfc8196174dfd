"""The doctor's judgement where no server is needed: settings, time zone, wanted indexes, and how findings are told."""

import asyncio
import base64
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.doctor import check_zone as zones
from services.doctor import command
from services.doctor.check_school_holidays import check_school_holidays
from services.doctor.check_settings import check_settings
from services.doctor.check_staff import check_staff
from services.doctor.check_zone import check_zone
from services.doctor.finding import Finding, ok, skipped, wrong
from services.doctor.indexes import wanted_indexes
from shared.settings import CommonSettings, load
from shared.staff.account import write_accounts
from tests.factories import spark
from tests.staff_accounts import account

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOOD = {
    "FORLOEB_KAFKA": "127.0.0.1:9092",
    "FORLOEB_MONGODB": "mongodb://127.0.0.1:27017",
    "FORLOEB_MASTER_KEY": base64.b64encode(bytes(number * number % 251 for number in range(32))).decode(),
    "FORLOEB_LINK_SECRET": "0123456789abcdef" * 3,
    "FORLOEB_STAFF_TOKEN": "fedcba9876543210" * 3,
}


def test_good_settings_have_no_fault() -> None:
    """All four services and the programme."""
    findings, known = check_settings(GOOD)
    assert {one.state for one in findings} == {"ok"}
    assert known.common
    assert known.notifier
    assert known.programme


def test_school_holidays_that_have_run_out_are_told() -> None:
    """They are dated: nobody would notice otherwise. None at all is a choice."""
    programme = spark()
    assert check_school_holidays(programme, NOW.date()).state == "ok"
    assert "17 April 2028" in check_school_holidays(programme, NOW.date()).text
    assert check_school_holidays(programme, date(2028, 4, 18)).state == "wrong"
    closed = programme.closed.model_copy(update={"school_holidays": ()})
    without = programme.model_copy(update={"closed": closed})
    assert check_school_holidays(without, date(2028, 4, 18)).state == "ok"


def test_staff_without_an_account_in_some_role_are_told_how_to_get_one(tmp_path: Path) -> None:
    """A file that cannot be read is wrong as well; no file at all is a choice."""
    file = tmp_path / "accounts"
    settings = load(CommonSettings, {**GOOD, "FORLOEB_STAFF_FILE": str(file)})
    assert check_staff(load(CommonSettings, GOOD)).state == "skipped"
    assert "as coordinator or operator yet: forloeb staff add" in check_staff(settings).text
    file.write_text(write_accounts([account("karen", "coordinator"), account("omar", "operator")]), encoding="utf-8")
    assert check_staff(settings) == ok("staff", "accounts: 1 coordinator, 1 operator")
    file.write_text("no account\n", encoding="utf-8")
    assert check_staff(settings).state == "wrong"


def test_a_fault_of_all_services_is_told_once() -> None:
    """A missing common setting would stop each service; one service's own fault leaves the rest usable."""
    findings, known = check_settings({**GOOD, "FORLOEB_STAFF_TOKEN": "", "FORLOEB_KAFA": "x"})
    assert sorted(one.text.split(":")[0] for one in findings if one.state == "wrong") == [
        "FORLOEB_KAFA",
        "FORLOEB_STAFF_TOKEN",
    ]
    assert known.common is None
    findings, known = check_settings({**GOOD, "FORLOEB_SMTP": "no address"})
    assert [one.text.split(":")[0] for one in findings if one.state == "wrong"] == ["FORLOEB_SMTP"]
    assert known.common
    assert known.notifier is None


def test_a_programme_that_cannot_be_read_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    """With the file to correct."""
    file = tmp_path_factory.mktemp("programme") / "p.toml"
    file.write_text("code = 1", encoding="utf-8")
    findings, known = check_settings({**GOOD, "FORLOEB_PROGRAMME": str(file)})
    assert [one.what for one in findings if one.state == "wrong"]
    assert all(str(file) in one.advice for one in findings if one.state == "wrong")
    assert known.programme is None


def test_the_machine_and_the_invites_agree_on_summer_time() -> None:
    """The zone data of this machine gives the rule that stands in the invites."""
    assert check_zone(NOW).state == "ok"


def test_another_rule_for_summer_time_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should summer time be given up, meetings would be an hour off: this must not stay unseen."""
    monkeypatch.setattr(zones, "wall_time", lambda instant: f"{instant:%Y%m%dT%H%M%S}")
    assert check_zone(NOW).state == "wrong"


def test_the_guard_of_all_bookings_is_among_the_wanted_indexes() -> None:
    """Asked of the services' own code, so the list cannot grow old."""
    wanted = asyncio.run(wanted_indexes())
    assert "claims" in wanted["scheduler", "courses"]
    assert {database for database, _ in wanted} == {"intake", "scheduler", "notifier", "monitor", "staff"}


def tell(monkeypatch: pytest.MonkeyPatch, findings: list[Finding], *, as_json: bool = False) -> tuple[int, str]:
    async def look(_environment: object, *, mail_to: str | None) -> list[Finding]:
        del mail_to
        return findings

    monkeypatch.setattr(command, "look", look)
    out = io.StringIO()
    return command.examine(environment={}, as_json=as_json, out=out), out.getvalue()


def test_the_exit_code_tells_whether_something_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was skipped is not wrong."""
    assert tell(monkeypatch, [ok("a", "fine"), skipped("b", "not asked")])[0] == 0
    code, printed = tell(monkeypatch, [wrong("a", "bad", "Mend it."), wrong("a", "worse", "Mend it.")])
    assert code == 1
    assert printed.count("Mend it.") == 1


def test_findings_are_told_to_programs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --json one object per finding."""
    code, printed = tell(monkeypatch, [wrong("a", "bad", "Mend it.")], as_json=True)
    assert (code, json.loads(printed)) == (1, [{"what": "a", "state": "wrong", "text": "bad", "advice": "Mend it."}])
