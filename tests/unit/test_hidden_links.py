"""What staff see of a mail: everything but what lets its recipient in, or speaks in her name."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.staff.hidden_links import Hider, public_links
from services.scheduler import invite
from services.scheduler.invite import CalendarUser
from shared.address_token import RANDOM_BYTES, address_with, make_token
from shared.bounce_address import bounce_address
from tests.factories import spark
from tests.mail_samples import FACTS, LANGUAGES, SAMPLES, words
from tests.notifier_samples import STARTS, SUBMITTED_AT

MARK = "[skjult]"
OWN_LINKS = ("status_url", "confirm_url", "plan_url", "answer_url", "course_url", "messages_url")
HIDER = Hider(frozenset({"https://forloeb.example/persondata"}), mark=MARK)
KEY = bytes(range(32))
TOKEN = "q7Kx-2pV_9mZ4tRb8sLwEd"
REPLY = address_with(make_token(bytes(RANDOM_BYTES), key=KEY), mailbox="invite", domain="forloeb.example")
BOUNCE = bounce_address("0193fd6a-0000-7000-8000-000000000001", key=KEY, mailbox="bounce", domain="forloeb.example")
LINKS = [
    f"https://forloeb.example/s/{TOKEN}",
    f"https://forloeb.example/svar/{TOKEN}?ja=1",
    f"https://forloeb.example/forloeb/{TOKEN}#plan",
    f"http://127.0.0.1:8001/kalender/{TOKEN}.ics",
    f"https://forloeb.example/et/andet/sted?noegle={TOKEN}&amp;mere=1",
]


@pytest.mark.parametrize("link", LINKS)
def test_a_link_of_the_recipients_own_is_not_shown(link: str) -> None:
    """Not in a text, not in a page, not as the target of what one can press; the sentence around it stays."""
    text = HIDER.text(f"Se jeres side: {link}.\nVenlig hilsen")
    assert text.startswith(f"Se jeres side: {MARK}")
    assert text.endswith("\nVenlig hilsen")
    page = HIDER.page(f'<p><a href="{link}">Jeres side</a> eller {link}</p>')
    assert page.startswith('<p><a href="#">Jeres side</a> eller [skjult]')
    for shown in (text, page):
        assert TOKEN not in shown
        assert "//" not in shown


def test_a_secret_is_not_shown_wherever_else_it_stands() -> None:
    """Say, written out beside its link."""
    assert TOKEN not in HIDER.text(f"Koden er {TOKEN}, se https://forloeb.example/s/{TOKEN}")


def test_what_is_everybodys_stays() -> None:
    """Links that the programme's file names, and people's own addresses, also with a word after a plus."""
    kept = "Læs https://forloeb.example/persondata. Skriv til anna+spark@kommune.example."
    assert HIDER.text(kept) == kept
    page = '<a href="https://forloeb.example/persondata">Persondata</a>'
    assert HIDER.page(page) == page
    assert HIDER.links(kept) == set()


def test_every_link_of_a_programme_is_everybodys() -> None:
    """The privacy pages, materials, questionnaires."""
    programme = spark()
    found = public_links(programme)
    assert programme.links.privacy.da in found
    assert programme.messages.evaluation is not None
    assert programme.messages.evaluation.url in found


@pytest.mark.parametrize("address", [REPLY, BOUNCE, REPLY.upper(), REPLY.replace("+", "%2B")])
def test_an_address_with_a_token_is_not_shown(address: str) -> None:
    """Whoever knows it answers in somebody's name, or reports her mail as returned."""
    token = re.split(r"\+|%2B", address)[1].partition("@")[0]
    for shown in (HIDER.text(f"<{address}> afvist"), HIDER.page(f"<p>{html.escape(address)}</p>")):
        assert token.lower() not in shown.lower()


def test_a_calendar_object_is_shown_unfolded_and_without_its_organizers_token() -> None:
    """Lines of such an object are folded at 75 bytes, in the middle of an address."""
    link = f"https://forloeb.example/s/{TOKEN}"
    written = invite.request(
        invite.Invite(
            uid="m1@forloeb.example",
            sequence=2,
            dtstamp=SUBMITTED_AT,
            start=STARTS[0],
            end=STARTS[1],
            zone="Europe/Copenhagen",
            summary="SPARK-forløb: første møde",
            description=f"Reference: SPARK-7K4M-2QX9\nAlt om mødet, og hvem der kommer, står på jeres egen side: {link}",
            location="",
            organizer=CalendarUser("SPARK", REPLY),
            attendee=CalendarUser("Åse Leder", "leder@kommune.example"),
        )
    ).decode()
    assert REPLY not in written, "it is folded"
    lines = HIDER.calendar(written)
    whole = "\n".join(lines)
    assert "SEQUENCE:2" in lines
    assert "mailto:leder@kommune.example" in whole
    assert "mailto:invite+…@forloeb.example" in whole
    assert REPLY.partition("+")[2].partition("@")[0] not in whole
    assert TOKEN not in whole


@given(
    before=st.text(max_size=20),
    token=st.from_regex(r"[A-Za-z0-9_-]{22,60}", fullmatch=True),
    after=st.sampled_from(["", " ", "\n", ".", ")", ", ", "</a>", '"', "'", "\\n", "?", "&lt;"]),
    rest=st.text(max_size=20),
)
def test_no_token_survives_whatever_stands_around_it(before: str, token: str, after: str, rest: str) -> None:
    """In texts and in pages."""
    text = f"{before}https://forloeb.example/s/{token}{after}{rest}"
    assert token not in HIDER.text(text)
    assert token not in HIDER.page(f'<a href="https://forloeb.example/s/{token}">{html.escape(text)}</a>')
    assert token not in "\n".join(HIDER.calendar(text))


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_mail_of_ours_shows_a_link_of_its_recipients(sample: str) -> None:
    """Of every kind, in both languages and formats."""
    hider = Hider(public_links(spark()), mark=MARK)
    for language in LANGUAGES:
        own = {getattr(FACTS[language][sample], name, None) for name in OWN_LINKS} - {None}
        mail = words(sample, language)
        for shown in (hider.text(mail.text), hider.page(mail.html), hider.text(mail.subject)):
            assert not [link for link in own if link in shown]
        assert not own or MARK in hider.text(mail.text)
