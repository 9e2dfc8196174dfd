"""Links to a consultant's page of one course: what they say comes back, and nothing else passes."""

from datetime import UTC, datetime, timedelta

import pytest

from services.scheduler.consultant_page.link import PlanLink, PlanSigner, make_session, read_session

NOW = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
SIGNER = PlanSigner(key=bytes(32), programme="spark", public_url="https://forloeb.example")


def link(**changes: object) -> PlanLink:
    values = {"course_id": "c1", "consultant_id": "anne", "epoch": 0, "expires_at": NOW + timedelta(days=30)}
    return PlanLink(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("course", ["a", "0197b2c0-0000-7000-8000-000000000000"])
@pytest.mark.parametrize("who", ["b", "o" * 40])
def test_what_a_link_says_comes_back(course: str, who: str) -> None:
    """Ids of any length, to the second; and a cookie remembers when it was used."""
    made = link(course_id=course, consultant_id=who, epoch=65_535)
    assert SIGNER.read(SIGNER.token(made), now=NOW) == made
    session = read_session(
        make_session(made, key=bytes(32), programme="spark", now=NOW), key=bytes(32), programme="spark"
    )
    assert session is not None
    assert (session.link, session.used_at) == (made, NOW)


def test_no_altered_sign_passes() -> None:
    """Each character of a token, replaced by another one."""
    token = SIGNER.token(link())
    for place, sign in enumerate(token):
        assert SIGNER.read(f"{token[:place]}{'A' if sign != 'A' else 'B'}{token[place + 1 :]}", now=NOW) is None


def test_ids_do_not_run_into_each_other() -> None:
    """Course "ab" with "c" is not course "a" with "bc"."""
    assert SIGNER.token(link(course_id="ab", consultant_id="c")) != SIGNER.token(
        link(course_id="a", consultant_id="bc")
    )


def test_a_link_is_no_cookie_and_a_cookie_no_link() -> None:
    """Even if both had the same key."""
    made = link()
    session = make_session(made, key=bytes(32), programme="spark", now=NOW)
    assert SIGNER.read(session, now=NOW) != made
    found = read_session(SIGNER.token(made), key=bytes(32), programme="spark")
    assert found is None or found.link != made


def test_an_expired_link_is_none() -> None:
    """At its last second it is over."""
    assert SIGNER.read(SIGNER.token(link(expires_at=NOW)), now=NOW) is None
    assert SIGNER.read(SIGNER.token(link(expires_at=NOW + timedelta(seconds=1))), now=NOW) is not None
