"""How often unconfirmed addresses are written to."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.intake.addresses import candidates, closed, take, take_one_more
from services.intake.only_once import addresses_in, entries, kind_of
from shared.address_digest import digest

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEY = b"k" * 32
MAX = 3


def test_a_digest_is_keyed_and_knows_no_case() -> None:
    """The same person in other letters is one person; without the key nothing can be guessed from it."""
    assert digest("Anne@Kommune.example", key=KEY) == digest("anne@kommune.example", key=KEY)
    assert digest("anne@kommune.example", key=KEY) != digest("anne@kommune.example", key=b"x" * 32)
    assert "anne" not in digest("anne@kommune.example", key=KEY)


def test_a_second_open_application_writes_to_nobody_who_was_written_to() -> None:
    """Only the contact whose address is free gets a receipt."""
    first = take({"p1": "A", "p2": "B"}, taken=(), now=NOW, per_day_max=MAX)
    assert first.unmailed == ()
    second = take({"p3": "A", "p4": "C"}, taken=first.entries, now=NOW, per_day_max=MAX)
    assert second.unmailed == ("p3",)
    assert not set(first.entries) & set(second.entries)


def test_one_more_mail_counts_with_those_of_the_day() -> None:
    """An application's own receipt is one of the three; who has had three is left out, the others are not."""
    receipt = take({"p1": "A", "p2": "B"}, taken=(), now=NOW, per_day_max=MAX)
    taken = set(receipt.entries)
    for _ in range(MAX - 1):
        more = take_one_more({"p1": "A"}, taken=taken, now=NOW, per_day_max=MAX)
        assert (len(more.entries), more.unmailed) == (1, ())
        assert not taken & set(more.entries)
        taken |= set(more.entries)
    last = take_one_more({"p1": "A", "p2": "B"}, taken=taken, now=NOW, per_day_max=MAX)
    assert (len(last.entries), last.unmailed) == (1, ("p1",))


@given(st.lists(st.sampled_from(["open", "close"]), max_size=40))
def test_an_address_has_at_most_three_mails_a_day_and_one_open_application(steps: list[str]) -> None:
    """Whatever order applications come and are closed in."""
    held: list[tuple[str, ...]] = []
    mails = 0
    for step in steps:
        if step == "open":
            places = take({"p": "A"}, taken={one for row in held for one in row}, now=NOW, per_day_max=MAX)
            mails += not places.unmailed
            held.append(places.entries)
        else:
            held = [closed(row) for row in held]
    everything = [one for row in held for one in row]
    assert mails <= MAX
    assert len(everything) == len(set(everything))
    assert sum(one.endswith("|open") for one in everything) <= 1


def test_the_next_day_has_room_again() -> None:
    """Entries carry their UTC day."""
    full = {one for one in candidates(["A"], now=NOW, per_day_max=MAX) if not one.endswith("|open")}
    assert take({"p": "A"}, taken=full, now=NOW, per_day_max=MAX).unmailed == ("p",)
    assert take({"p": "A"}, taken=full, now=NOW + timedelta(days=1), per_day_max=MAX).unmailed == ()


def test_the_list_of_what_is_unique_tells_its_parts_apart() -> None:
    """Reference, request and addresses share one index and are found again."""
    listed = entries(reference="SPARK-7K4M-2QX9", request_key="abc", addresses=("A|open", "A|2026-11-20|0"))
    assert [kind_of(entry) for entry in listed] == ["reference", "request", "address", "address"]
    assert addresses_in(listed) == ("A|open", "A|2026-11-20|0")
    assert entries(reference="SPARK-7K4M-2QX9", request_key=None, addresses=()) == ["reference|SPARK-7K4M-2QX9"]
