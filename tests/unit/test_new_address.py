"""New addresses: whom mails do not reach, what may be typed, how often, and what is told anew."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.intake.fault_texts import TEXTS
from services.intake.held.held_answer import Held
from services.intake.message_view import MessageView, view_of
from services.intake.new_address.change_address import _without_open
from services.intake.new_address.changed import KEPT_MAX, AddressChange, ChangedAddresses, Giver
from services.intake.new_address.refusals import WORDS, AddressRefusedError
from services.intake.new_address.typed_address import is_same, read_address
from services.intake.new_address.unreachable import unreachable
from services.intake.record import Application
from services.intake.status.materials import materials_of
from services.intake.status.message_rows import FATES, KINDS, message_rows
from services.notifier.planned import MessageKind
from shared.events import Matter, MessageBounced, MessageSent
from shared.programme import Programme
from shared.programme_messages import Material
from shared.said import CalendarAnswer
from shared.words import Words
from tests.event_samples import ADMITTED, MESSAGE, SUBMITTED, envelope_of
from tests.factories import spark

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CONTACTS = ("leader", "employee")


def mail(minutes: int, state: str = "accepted", **changes: Any) -> MessageView:
    """A mail to the leader of which the last was heard so many minutes from now, made a minute before."""
    at = NOW + timedelta(minutes=minutes)
    facts = {
        "message_id": f"m{minutes}",
        "application_id": "a1",
        "sequence": 1,
        "person_id": "leader",
        "kind": "receipt",
        "state": state,
        "created_at": at - timedelta(minutes=1),
        "decided_at": at,
    }
    return MessageView.model_validate(facts | changes)


def changed(minutes: int, by: Giver = "contact", person_id: str = "leader") -> AddressChange:
    return AddressChange(change_id=f"c{minutes}", person_id=person_id, by=by, at=NOW + timedelta(minutes=minutes))


DEAD = mail(1, "bounced", undeliverable=True)


@pytest.mark.parametrize(
    ("messages", "silent"),
    [
        ([], set()),
        ([mail(1)], set()),
        ([DEAD], {"leader"}),
        ([mail(1, "failed", undeliverable=True)], {"leader"}),
        ([DEAD, mail(2)], set()),
        ([mail(2), DEAD], set()),
        ([mail(0), DEAD], {"leader"}),
        ([DEAD, mail(2, "failed", reason="policy")], {"leader"}),
        ([mail(1, "bounced", reason="mailbox_full")], set()),
        ([mail(1, "bounced", undeliverable=True, person_id="consultant")], set()),
        # What is for the address of before says nothing about the one of now.
        ([mail(1), mail(2, "bounced", undeliverable=True, kind="address_changed")], set()),
        ([DEAD, mail(2, kind="address_changed")], {"leader"}),
    ],
)
def test_the_newest_mail_tells_whether_an_address_takes_any(messages: list[MessageView], silent: set[str]) -> None:
    """What failed for another reason says nothing of the address, and who is no contact is no concern of this page."""
    assert unreachable(messages, CONTACTS, ChangedAddresses()) == silent


def test_mails_to_the_address_of_before_say_nothing_about_the_new_one() -> None:
    """Also those that come back later; and those without a date of their own count by when they were decided."""
    after = ChangedAddresses().with_one_more(changed(5))
    late = mail(9, "bounced", undeliverable=True, created_at=NOW + timedelta(minutes=4))
    assert unreachable([DEAD, late], CONTACTS, after) == set()
    assert unreachable([mail(9, "bounced", undeliverable=True)], CONTACTS, after) == {"leader"}
    assert unreachable([mail(4, "bounced", undeliverable=True, created_at=None)], CONTACTS, after) == set()
    assert unreachable([mail(6, "bounced", undeliverable=True, created_at=None)], CONTACTS, after) == {"leader"}


def test_a_change_makes_the_old_links_of_that_person_void_and_of_nobody_else() -> None:
    """Each person's links have an epoch of their own, which only ever goes up."""
    application = Application(state=SUBMITTED, particulars=SUBMITTED.matter, epoch=2)
    once = ChangedAddresses().with_one_more(changed(1))
    after = replace(application, changed_addresses=once.with_one_more(changed(2)))
    assert [after.epoch_of(one) for one in ("leader", "employee", "-")] == [4, 2, 2]
    assert replace(after, epoch=3).epoch_of("leader") == 5


def test_the_history_keeps_the_newest_and_counts_the_links_all_the_same() -> None:
    """However often somebody changes an address, an old link never becomes good again."""
    found = ChangedAddresses()
    for number in range(KEPT_MAX + 20):
        found = found.with_one_more(changed(number))
    assert len(found.history) == KEPT_MAX
    assert found.renewed == {"leader": KEPT_MAX + 20}
    assert found.newest_of("leader") == changed(KEPT_MAX + 19)
    assert found.newest_of("employee") is None
    assert ChangedAddresses.model_validate(found.model_dump(mode="json")) == found
    assert ChangedAddresses.model_validate({}) == ChangedAddresses()


def test_what_staff_change_does_not_count_against_the_contacts() -> None:
    """The limit is there for those who hold a link; yesterday's changes count no more."""
    found = ChangedAddresses()
    for one in (changed(0, "staff"), changed(1, "self"), changed(2), changed(3, person_id="employee")):
        found = found.with_one_more(one)
    assert found.given_lately("leader", now=NOW + timedelta(hours=1)) == 2
    assert found.given_lately("leader", now=NOW + timedelta(days=1, minutes=1)) == 1


def test_answers_that_wait_for_a_link_in_the_old_mailbox_wait_no_more() -> None:
    """Only this person's, and only those that could still be confirmed."""
    said = CalendarAnswer(
        number=0,
        meeting_id="m1",
        person_id="leader",
        partstat="ACCEPTED",
        sequence=0,
        dtstamp=NOW,
        at=NOW,
        answered_by="self",
    )
    mine = Held(held_id="h1", said=said, source="s", mailed_at=NOW, until=NOW + timedelta(days=1))
    decided = mine.model_copy(update={"held_id": "h2", "outcome": "denied"})
    of_other = mine.model_copy(update={"held_id": "h3", "said": said.model_copy(update={"person_id": "employee"})})
    assert _without_open((mine, decided, of_other), "leader", NOW) == (decided, of_other)
    assert _without_open((decided, of_other), "leader", NOW) is None


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("anne", "email"),
        ("Anne Holm <anne@kommune.example>", "email"),
        ("anne@kommune.example, bo@kommune.example", "email"),
        ("anne@kommune.example\r\nBcc: bo@kommune.example", "email"),
        ("anne@[192.0.2.1]", "email"),
        ("ånne@kommune.example", "email"),
        (f"{'a' * 300}@kommune.example", "too_long"),
    ],
)
def test_what_is_no_plain_address_is_refused_without_being_repeated(typed: str, why: str) -> None:
    """The rules are those of the application form; the error holds a code and our own words alone."""
    with pytest.raises(AddressRefusedError) as refused:
        read_address(typed)
    assert refused.value.why == why
    assert refused.value.words == WORDS[refused.value.why]
    assert refused.value.__cause__ is None
    assert not typed.strip() or typed.strip() not in str(refused.value)


def test_an_address_is_kept_as_mail_servers_take_it() -> None:
    """The domain in small letters and in ASCII; two that differ in case are one."""
    assert read_address("  Anne@KOMMUNE.example ") == "Anne@kommune.example"
    assert read_address("anne@københavn.example") == "anne@xn--kbenhavn-54a.example"
    assert is_same("Anne@kommune.example", "anne@kommune.example")
    assert TEXTS["email"][0] == WORDS["email"].da


def rows(messages: list[MessageView]) -> list[tuple[str, str, str]]:
    """Kind, recipient and fate, in Danish."""
    found = message_rows(
        messages, people={}, contacts=CONTACTS, kind="single", meetings=(), programme=spark(), language="da"
    )
    return [(one.kind.da, one.recipient.da, one.fate.da) for one in found]


def test_a_mail_that_was_sent_again_stands_in_place_of_its_elder() -> None:
    """Through several rounds; its fate is told in plain words."""
    first = mail(1, "bounced", message_id="first")
    second = mail(2, "failed", message_id="second", resend_of="first")
    third = mail(3, message_id="third", resend_of="second")
    assert [fate for *_, fate in rows([third, second, first])] == ["Sendt"]
    assert [fate for *_, fate in rows([second, first])] == ["Kunne ikke leveres"]
    assert [fate for *_, fate in rows([first])] == ["Kom retur"]
    assert set(FATES) == {"accepted", "failed", "bounced"}


def test_every_kind_of_mail_has_a_name_and_mails_to_ourselves_are_told_as_such() -> None:
    """The list of the status page knows all that the notifier sends."""
    assert set(MessageKind.__args__) == set(KINDS)  # type: ignore[attr-defined]
    assert rows([mail(1, kind="address_report", person_id="coordinators")])[0][1] == "Koordinator"


def test_a_mail_that_came_back_is_taken_over_with_all_that_is_told_of_it() -> None:
    """And what an older release stored can still be read."""
    returned = MESSAGE.model_copy(
        update={"state": "bounced", "reason": "no_such_recipient", "undeliverable": True, "resend_of": "elder"}
    )
    view = view_of(MessageBounced(message=returned), envelope_of(MessageBounced, sequence=2))
    found = (view.state, view.reason, view.undeliverable, view.resend_of, view.created_at)
    assert found == ("bounced", "no_such_recipient", True, "elder", MESSAGE.created_at)
    old = view_of(MessageSent(message=MESSAGE), envelope_of(MessageSent)).model_dump(
        exclude={"created_at", "reason", "undeliverable", "resend_of"}
    )
    assert not MessageView.model_validate(old).undeliverable


def with_materials() -> Programme:
    """The example programme, with two links for each theme, one of which they share."""
    shared = Material(name=Words(da="Fælles", en="Shared"), url="https://materials.example/shared")
    programme = spark()
    themes = tuple(
        one.model_copy(
            update={
                "materials": (
                    Material(name=Words(da=one.da, en=one.en), url=f"https://materials.example/{one.code}"),
                    shared,
                )
            }
        )
        for one in programme.themes
    )
    return programme.model_copy(update={"themes": themes})


def test_materials_are_those_of_the_applications_own_themes_each_once() -> None:
    """In the order in which the themes were chosen; a theme that the programme has dropped has none."""
    programme = with_materials()
    first, second, *_ = [one.code for one in programme.themes]
    matter = Matter(themes=(second, "dropped", first), workplaces=())
    state = ADMITTED
    urls = [one.url.rpartition("/")[2] for one in materials_of(state, matter, programme)]
    assert urls == [second, "shared", first]
    assert materials_of(state, None, programme) == ()
    for other in ("submitted", "withdrawn", "declined"):
        assert materials_of(state.model_copy(update={"state": other}), matter, programme) == ()
