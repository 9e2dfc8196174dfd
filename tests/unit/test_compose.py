import dataclasses
import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from services.notifier.compose import Words, compose
from services.notifier.course_mail_facts import CourseBookedFacts, StallReportFacts
from services.notifier.fact_parts import PersonFacts
from services.notifier.facts import KINDS, ReceiptFacts
from services.notifier.meeting_mail_facts import InviteFacts
from services.notifier.template_files import load_templates
from tests.mail_samples import FACTS, MEETINGS, REFERENCE, VOICE

TEMPLATES = load_templates()
LANGUAGES = ("da", "en")


def words(sample: str, language: str = "da") -> Words:
    return compose(FACTS[sample], language=language, voice=VOICE, templates=TEMPLATES)


def visible(markup: str) -> str:
    """What a reader sees of an HTML part, links as their address after the text, white space collapsed."""
    body = markup.partition("<body")[2].partition(">")[2]
    body = re.sub(r'<a href="([^"]*)"[^>]*>(.*?)</a>', r"\2: \1", body, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def plain(text: str) -> str:
    """The text part without what draws its lists and headings."""
    without_lines = re.sub(r"^-+$", "", text, flags=re.MULTILINE)
    return " ".join(re.sub(r"^(\d+\. (?=[A-ZÆØÅ])|- )", "", without_lines, flags=re.MULTILINE).split())


def test_every_kind_has_a_sample_and_a_template_in_each_language() -> None:
    """A new kind cannot be forgotten in one language or in these tests."""
    assert {type(facts) for facts in FACTS.values()} == set(KINDS)
    written = {
        path.relative_to(path.parent.parent).as_posix() for path in Path("services/notifier/templates").glob("??/*")
    }
    assert written == {f"{language}/{kind.kind}.txt" for language in LANGUAGES for kind in KINDS}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", FACTS)
def test_text_and_html_tell_the_same(sample: str, language: str) -> None:
    """Whoever reads only one of the two parts misses nothing."""
    composed = words(sample, language)
    assert visible(composed.html) == plain(composed.text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", FACTS)
def test_the_words_are_clean(sample: str, language: str) -> None:
    """One-line subjects, short text lines, no gaps, no leftovers of the templates."""
    composed = words(sample, language)
    assert composed.subject == " ".join(composed.subject.split())
    assert 10 < len(composed.subject) <= 100
    for line in composed.text.split("\n"):
        assert len(line) <= 72 or line.startswith("https://")
        assert line == line.rstrip()
    assert "\n\n\n" not in composed.text
    for part in (composed.subject, composed.text, visible(composed.html)):
        assert not re.search(r"None|\{|\}|[.,;:?!][A-ZÆØÅ]|  +\S", part.replace("   ", "").replace("  ", ""))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", FACTS)
def test_the_html_is_whole_and_names_its_language(sample: str, language: str) -> None:
    """Every element is closed, the language is set, links have words, colours leave dark mode alone."""
    markup = words(sample, language).html
    assert _unclosed(markup) == []
    assert f'<html lang="{language}">' in markup
    assert '<meta name="color-scheme" content="light dark">' in markup
    for style in re.findall(r'style="([^"]*)"', markup):
        assert ("background-color" in style) == (re.search(r"(^|;)color:", style) is not None)
    for link in re.findall(r"<a [^>]*>(.*?)</a>", markup, flags=re.DOTALL):
        assert len(link.split()) >= 2
        assert "://" not in link
    assert "<script" not in markup
    assert "<img" not in markup


def _unclosed(markup: str) -> list[str]:
    class Balance(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            del attrs
            if tag not in {"meta", "br"}:
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    parser = Balance()
    parser.feed(markup)
    parser.close()
    return parser.open


def test_the_receipt_tells_reference_next_step_and_date() -> None:
    """Both contacts learn what happens and by when, and have the link to confirm."""
    composed = words("receipt")
    assert composed.subject == f"SPARK: kvittering for jeres ansøgning (ref. {REFERENCE})"
    for told in (REFERENCE, "Inden for 5 arbejdsdage derefter", "https://forloeb.example/confirm/t0k?a=1&b=2"):
        assert told in " ".join(composed.text.split())
    assert 'href="https://forloeb.example/confirm/t0k?a=1&amp;b=2"' in composed.html
    assert "godkend" not in composed.text.lower()


@pytest.mark.parametrize("sample", ["receipt", "receipt-trusted", "receipt-reviewed", "new_link"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_mail_says_why_one_gets_it_and_where_to_read_about_ones_data(sample: str, language: str) -> None:
    """Whose details a colleague typed learns of it here (GDPR art. 14); a new link takes the place of an unsent receipt."""
    composed = words(sample, language)
    assert ("en kollega" if language == "da" else "a colleague") in composed.text
    assert VOICE.privacy_url in composed.text


def test_the_receipt_has_no_place_for_what_was_typed() -> None:
    """Its facts are a reference, a date or a number of days, our own links and a yes or no: no name, workplace or theme can slip in."""
    assert {field.name: field.type for field in dataclasses.fields(ReceiptFacts)}.keys() == {
        "reference",
        "answer_days",
        "answer_before",
        "confirm_url",
        "status_url",
        "reviewed",
    }


def test_without_anything_to_confirm_the_receipt_asks_for_nothing() -> None:
    """An application through a trusted caller goes on by itself, so the day of the answer is known."""
    assert "Senest mandag den 9. november 2026" in " ".join(words("receipt-trusted").text.split())
    assert "ekræft" not in words("receipt-trusted").text
    assert "onfirm" not in words("receipt-trusted", "en").text


def test_the_course_mail_lists_every_meeting_with_date_and_place() -> None:
    """One mail explains the whole course."""
    told = " ".join(words("course_booked").text.split())
    assert "Planlægningsmøde tirsdag den 12. januar 2027 kl. 9.00–12.00 Plejecenter Åbrinken & Søn" in told
    assert "Workshop 1 tirsdag den 15. juni 2027 kl. 12.30–15.30" in told
    assert "Tuesday 15 June 2027, 12:30–15:30" in words("course_booked", "en").text


@pytest.mark.parametrize(
    ("sample", "words"),
    [("course_booked", "Før mødet:"), ("course_booked-consultant", "Deltagernes forberedelse:")],
)
def test_the_course_mail_tells_what_is_prepared_where_there_is_something(sample: str, words: str) -> None:
    """Contacts read what to do before which meeting, the consultant what they were asked; the other meetings say nothing."""
    mail = compose(FACTS[sample], language="da", voice=VOICE, templates=TEMPLATES)
    assert f"{words} Tal sammen om <jeres> hverdag & tag stikord med." in " ".join(mail.text.split())
    assert mail.text.count(words) == mail.html.count(words) == 1


def test_ways_to_reach_people_stand_in_the_consultants_mail_only() -> None:
    """The consultant can call; the others meet by name and function."""
    assert "12 34 56 78" in words("course_booked-consultant").text
    assert "Åse <Holm>, leder" in words("course_booked-consultant").text
    assert "@" not in words("course_booked").text


def test_html_is_escaped_and_text_is_not() -> None:
    """A name with brackets is a name in both parts."""
    composed = words("course_booked-consultant")
    assert "Åse &lt;Holm&gt;" in composed.html
    assert "&lt;" not in composed.text


def test_a_line_break_in_a_name_stays_in_its_line() -> None:
    """No fact can draw a heading, a second list entry or a header."""
    person = PersonFacts("Bo\r\n\r\nVigtigt\u2028------\x00", "leader")
    facts = CourseBookedFacts(reference="R\r\nBcc: x", reader="contact", meetings=MEETINGS, people=(person,))
    composed = compose(facts, language="da", voice=VOICE, templates=TEMPLATES)
    assert "- Bo Vigtigt ------, leder\n" in composed.text
    assert "\n" not in composed.subject


@pytest.mark.parametrize("sample", ["invite", "invite-changed", "invite-reworded", "cancellation", "cancellation-one"])
def test_a_calendar_mail_is_one_sentence(sample: str) -> None:
    """The explaining is done elsewhere."""
    body = " ".join(words(sample).text.partition("Venlig hilsen")[0].split())
    assert body.count(". ") == body.count("den 12. ") + body.count("den 15. ") + body.count("kl. ")
    assert body.endswith(".")


def test_a_change_tells_what_was_what_is_why_and_what_to_do() -> None:
    """In this order, in one mail, with the link to one's own page."""
    told = " ".join(words("course_changed").text.split())
    parts = (
        "Jeres konsulent kan ikke længere holde forløbet.",
        "Planlægningsmøde: før mandag den 11. januar 2027 kl. 9.00–12.00, nu tirsdag den 12. januar 2027 kl. 9.00–12.00",
        "Svar på de nye indkaldelser i jeres kalender",
        "bed om et andet på jeres side",
        "https://forloeb.example/status/t0k",
    )
    assert [told.find(part) for part in parts] == sorted(told.find(part) for part in parts)
    assert all(part in told for part in parts)


def test_a_tailored_course_lists_what_is_new_and_what_is_off() -> None:
    """Each with its date, and cancellations need no answer."""
    told = " ".join(words("course_changed-tailored").text.split())
    assert "Nye møder --------- - Workshop 1: tirsdag den 15. juni 2027" in told
    assert "Aflyst ------ - Planlægningsmøde: tirsdag den 12. januar 2027" in told
    assert "Der er nu to konsulenter på forløbet." in told
    assert "I skal ikke svare på dem." in told
    asked = " ".join(words("course_changed-second").text.split())
    assert "Svar på de nye indkaldelser" not in asked, "there are none for her"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_reads_why_a_consultant_is_away(language: str) -> None:
    """Leave and illness are hers alone."""
    private = r"\b(syg\w*|sygdom|orlov|ferie|fravær|barsel|sick\w*|ill|illness|absen\w+|holiday|vacation|on leave)\b"
    for sample in FACTS:
        composed = words(sample, language)
        assert not re.search(private, f"{composed.subject} {composed.text}".lower()), sample


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_is_asked_about_an_answer_may_do_nothing(language: str) -> None:
    """The mail may reach somebody who never answered: each kind of answer is named, and nothing happens by itself."""
    kinds = [sample for sample in FACTS if sample.startswith("confirm_answer-")]
    texts = [" ".join(words(sample, language).text.split()) for sample in kinds]
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert ("Var det ikke dig, så gør ingenting" if language == "da" else "If it was not you, do nothing") in text
        assert "https://forloeb.example/svar/t0k" in text
        assert ("fredag den 8. januar 2027 kl. 15.30" if language == "da" else "15:30 on Friday 8 January 2027") in text


def test_a_declined_proposal_names_the_times_that_are_possible() -> None:
    """And how to ask for one of them: contacts on their page, consultants in the calendar."""
    told = " ".join(words("counter_declined").text.split())
    assert "kan desværre ikke holdes torsdag den 14. januar 2027 kl. 9.00–12.00, som du har foreslået" in told
    assert told.count("kl. 13.00–16.00") == 3
    assert "på jeres side" in told
    hers = " ".join(words("counter_declined-consultant").text.split())
    assert "Foreslå det i kalenderen" in hers
    assert "side" not in hers


def test_the_mail_to_coordinators_names_nobody() -> None:
    """Its facts are a reference, a number and a link: the mailbox is shared."""
    names = {field.name for field in dataclasses.fields(StallReportFacts)}
    assert names == {"reference", "meetings", "course_url"}
    assert "https://forloeb.example/coordinator/courses/a001" in words("stall_report").text


def test_subjects_and_texts_name_no_theme() -> None:
    """Mailboxes are shared and subjects show on locked screens."""
    themes = ("chikane", "mobning", "vold", "trusler", "alenearbejde", "samarbejde", "forandring", "harass", "violence")
    for sample in FACTS:
        for language in LANGUAGES:
            composed = words(sample, language)
            told = f"{composed.subject} {composed.text}".lower()
            assert not [theme for theme in themes if theme in told]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x.example/\r\n", "https://x.example/ø", ""])
def test_only_plain_web_links_are_written(url: str) -> None:
    """A link comes from our own services; anything else is a mistake."""
    facts = dataclasses.replace(FACTS["receipt"], confirm_url=url)
    with pytest.raises(ValueError, match="link"):
        compose(facts, language="da", voice=VOICE, templates=TEMPLATES)


def test_an_organisation_can_replace_one_mail(tmp_path: Path) -> None:
    """A file of the same name in its own folder wins; the other mails stay."""
    own = tmp_path / "da" / "invite.txt"
    own.parent.mkdir()
    own.write_text(
        "{% extends layout %}{% block subject %}Eget emne{% endblock %}{% block body %}Egen tekst{% endblock %}",
        "utf-8",
    )
    templates = load_templates(tmp_path)
    changed = compose(InviteFacts(meeting=MEETINGS[0]), language="da", voice=VOICE, templates=templates)
    assert (changed.subject, changed.text.split("\n")[0]) == ("Eget emne", "Egen tekst")
    assert compose(FACTS["withdrawn"], language="da", voice=VOICE, templates=templates) == words("withdrawn")
