"""The commands about mails against a notifier's real pages: what they print, for people and for programs, and their exit codes."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from deploy.local.ports import free_ports
from services.notifier.staff.command import Mails, instant_of, order_act, print_list
from tests.embedded import Embedded
from tests.mail_desk import REASON, TOKEN, MailDesk, mail_desk, some_mails
from tests.served_app import served

AWAY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
async def desk(stack: Embedded) -> AsyncIterator[MailDesk]:
    async with mail_desk(stack) as opened:
        await some_mails(opened)
        yield opened


@pytest.fixture(scope="module")
async def address(desk: MailDesk) -> AsyncIterator[str]:
    [port] = free_ports(1)
    async with served(desk.app, port):
        yield f"http://127.0.0.1:{port}"


async def ran(address: str, command: Callable[[Mails, io.StringIO], int], *, token: str = TOKEN) -> tuple[int, str]:
    """The exit code and what was printed."""
    out = io.StringIO()

    def run() -> int:
        with Mails(address, staff_token=token) as mails:
            return command(mails, out)

    return await asyncio.to_thread(run), out.getvalue()


async def test_lists_are_printed_a_mail_a_line(address: str) -> None:
    """Ids, states, codes; the same as JSON with --json. Nobody is named."""
    code, printed = await ran(
        address, lambda mails, out: print_list(mails, "", {"show": "failed"}, as_json=False, out=out)
    )
    lines = printed.splitlines()
    assert (code, len(lines)) == (0, 2)
    assert all(" failed  receipt  SPARK-2222-2222  550  5.1.1" in line for line in lines)
    code, printed = await ran(address, lambda mails, out: print_list(mails, "", {}, as_json=True, out=out))
    assert (code, len(json.loads(printed)["messages"])) == (0, 2)
    assert "@" not in printed.replace("@forloeb.example", "")


async def test_one_mail_is_printed_with_its_attempts(address: str, desk: MailDesk) -> None:
    """And with the server's own words; what is planned has a name by which it can be stopped."""
    message = await desk.message("receipt", of="a002")
    code, printed = await ran(
        address, lambda mails, out: print_list(mails, f"/{message.message_id}", {}, as_json=False, out=out)
    )
    assert code == 0
    assert "state: failed\n" in printed
    assert "rcpt  failed  no_such_recipient  550  5.1.1  5.1.1 Ingen postkasse" in printed
    code, printed = await ran(
        address, lambda mails, out: print_list(mails, "/planned", {"days": 92}, as_json=False, out=out)
    )
    assert any(line.startswith("a001/reminder:a001-m0:7:a001-leader:") for line in printed.splitlines())
    code, printed = await ran(address, lambda mails, out: print_list(mails, "/suppressed", {}, as_json=False, out=out))
    assert printed.count("no_such_recipient  5.1.1") == 2


async def test_a_mail_is_moved_stopped_and_refused_by_commands(
    address: str, desk: MailDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 and a sentence where it cannot be done, nobody answers, or the token is wrong."""
    message = await desk.message("waiting_list", of="a004")
    due_at = instant_of(f"{desk.clock() + timedelta(days=2):%Y-%m-%dT%H:%M}")
    order = {"reason": REASON, "due_at": due_at}
    path = f"/{message.message_id}"
    code, printed = await ran(
        address, lambda mails, out: order_act(mails, f"{path}/move", order, as_json=False, out=out)
    )
    assert (code, "pending  waiting_list" in printed) == (0, True)
    for expected in (0, 1):
        code, _ = await ran(
            address, lambda mails, out: order_act(mails, f"{path}/stop", {"reason": REASON}, as_json=False, out=out)
        )
        assert code == expected
    assert "The mail is done with already" in capsys.readouterr().err
    code, _ = await ran(
        address, lambda mails, out: order_act(mails, f"{path}/stop", {"reason": "x"}, as_json=True, out=out)
    )
    assert (code, "body.reason: string_too_short" in capsys.readouterr().err) == (1, True)
    mail = (await desk.planned())[0]
    code, printed = await ran(
        address,
        lambda mails, out: order_act(
            mails, f"/planned/a001/{mail.key}/stop", {"reason": REASON}, as_json=False, out=out
        ),
    )
    assert (code, printed) == (0, "Done.\n")
    code, _ = await ran(address, lambda mails, out: print_list(mails, "", {}, as_json=False, out=out), token="y" * 40)
    assert (code, "Staff only" in capsys.readouterr().err) == (1, True)
    code, _ = await ran(AWAY, lambda mails, out: print_list(mails, "", {}, as_json=False, out=out))
    assert (code, "is it running?" in capsys.readouterr().err) == (1, True)


def test_a_time_without_an_offset_is_meant_here() -> None:
    """In the zone of the machine; nonsense is refused."""
    assert instant_of("2027-01-12T09:00+01:00").endswith(("+01:00", "+00:00"))
    with pytest.raises(ValueError, match="format"):
        instant_of("i morgen")
