import dataclasses
import html
import re
from html.parser import HTMLParser

import pytest

from services.notifier.compose import compose
from services.notifier.course_mail_facts import CourseBookedFacts, StallReportFacts
from services.notifier.fact_parts import PersonFacts
from services.notifier.facts import KINDS, ReceiptFacts
from services.notifier.mime import MAIL_BYTES_MAX
from services.notifier.preview.try_own import sample_mail
from services.notifier.template_files import FOLDER
from shared.words import Language
from tests.mail_samples import (
    FACTS,
    KIND_NAMES,
    LANGUAGES,
    MEETINGS,
    REFERENCE,
    SAMPLES,
    TEMPLATES,
    VOICE,
    mails_of,
    visible,
    words,
)

SUBJECT_CHARACTERS_MAX = 78
CALENDAR_SUBJECT_CHARACTERS_MAX = 100
"""These name the meeting and its time, as calendars do."""


def plain(text: str) -> str:
    """The text part without what draws its lists and headings."""
    without_lines = re.sub(r"^-+$", "", text, flags=re.MULTILINE)
    return " ".join(re.sub(r"^(\d+\. (?=[A-ZÆØÅ])|- )", "", without_lines, flags=re.MULTILINE).split())


def test_every_kind_has_one_template_and_a_sample_of_its_name() -> None:
    """A new kind cannot be forgotten here, and nothing is left of an old one."""
    for language in LANGUAGES:
        assert {type(facts) for facts in FACTS[language].values()} == set(KINDS)
        assert [name for name in KIND_NAMES if FACTS[language][name].kind != name] == []
    assert {file.stem for file in FOLDER.glob("*.mail")} == set(KIND_NAMES)


def test_the_samples_show_every_field_once_filled_and_once_not() -> None:
    """Whatever a mail may tell or leave out is looked at here."""
    for kind in KINDS:
        of_kind = [facts for facts in FACTS["da"].values() if isinstance(facts, kind)]
        for field in dataclasses.fields(kind):
            if field.default is not dataclasses.MISSING and not isinstance(field.default, str):
                values = [getattr(facts, field.name) for facts in of_kind]
                assert any(value != field.default for value in values), f"{kind.kind}.{field.name}"


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_text_and_html_tell_the_same(kind: str) -> None:
    """Whoever reads only one of the two parts misses nothing."""
    for name, _language, composed in mails_of(kind):
        assert visible(composed.html) == plain(composed.text), name


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_the_words_are_clean(kind: str) -> None:
    """One-line subjects, short text lines, no gaps, no leftovers of the templates."""
    for name, _language, composed in mails_of(kind):
        assert composed.subject == " ".join(composed.subject.split()), name
        most = SUBJECT_CHARACTERS_MAX if "(ref. " in composed.subject else CALENDAR_SUBJECT_CHARACTERS_MAX
        assert 10 < len(composed.subject) < most, name
        for line in composed.text.split("\n"):
            assert len(line) <= 72 or line.lstrip().startswith("https://"), name
            assert line == line.rstrip(), name
        assert "\n\n\n" not in composed.text, name
        for part in (composed.subject, composed.text, visible(composed.html)):
            assert not re.search(r"None|\{|\}|[.,;:?!][A-ZÆØÅ]|  +\S", part.replace("   ", "").replace("  ", "")), name


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_the_html_is_whole_and_names_its_language(kind: str) -> None:
    """Every element is closed, the language is set, there is one heading for all, links have words, nothing is loaded."""
    for name, language, composed in mails_of(kind):
        markup = composed.html
        assert _unclosed(markup) == [], name
        assert f'<html lang="{language}"' in markup, name
        assert markup.count("<h1") == 1, name
        for link in re.findall(r"<a [^>]*>(.*?)</a>", markup, flags=re.DOTALL):
            assert len(link.split()) >= 2, name
            assert "://" not in link, name
        assert re.findall(r"<script|<img|<link|@import|url\(| src=", markup) == [], name


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_a_mail_is_readable_where_styles_of_the_head_are_not_read(kind: str) -> None:
    """What it looks like stands in the elements, and no colour without its background: dark on dark cannot happen."""
    for name, _language, composed in mails_of(kind):
        markup = composed.html
        assert '<meta name="color-scheme" content="light dark">' in markup, name
        (left_in_head,) = re.findall(r"<style>(.*?)</style>", markup, flags=re.DOTALL)
        assert left_in_head.strip().startswith("@media (prefers-color-scheme: dark)"), name
        styles = [html.unescape(style) for style in re.findall(r'style="([^"]*)"', markup)]
        assert len(styles) >= markup.count("<p") + markup.count("<h") - 2, name
        for style in styles:
            assert ("background-color:" in style) == (re.search(r"(^|; ?)color:", style) is not None), (
                f"{name}: {style}"
            )


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_a_mail_is_far_below_what_programs_cut(kind: str) -> None:
    """Some mail programs hide what comes after 100 kB."""
    for name, language, composed in mails_of(kind):
        assert len(sample_mail(composed, language)) < MAIL_BYTES_MAX / 4, name


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
    for told in (REFERENCE, "Inden for 5 arbejdsdage derefter", "https://forloeb.example/status/proeve"):
        assert told in " ".join(composed.text.split())
    assert "godkend" not in composed.text.lower()


@pytest.mark.parametrize("sample", ["receipt", "receipt-trusted", "receipt-reviewed", "new_link"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_mail_says_why_one_gets_it_and_where_to_read_about_ones_data(sample: str, language: Language) -> None:
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
    assert "Indledende møde tirsdag den 12. januar 2027 kl. 9.00–12.00 Plejecenter Åbrinken & Lunden" in told
    assert "Første møde tirsdag den 9. februar 2027 kl. 12.30–15.30" in told
    assert "Tuesday 9 February 2027, 12:30–15:30" in words("course_booked", "en").text


@pytest.mark.parametrize(
    ("sample", "before"),
    [("course_booked", "Før mødet:"), ("course_booked-consultant", "Deltagernes forberedelse:")],
)
def test_the_course_mail_tells_what_is_prepared_where_there_is_something(sample: str, before: str) -> None:
    """Contacts read what to do before which meeting, the consultant what they were asked; the other meetings say nothing."""
    mail = words(sample)
    assert f"{before} Tal sammen om, hvad der fylder hos jer" in " ".join(mail.text.split())
    assert mail.text.count(before) == mail.html.count(before) == 1


def test_ways_to_reach_people_stand_in_the_consultants_mail_only() -> None:
    """The consultant can call; the others meet by name and function."""
    assert "00 00 00 11" in words("course_booked-consultant").text
    assert "Åse Holm, leder" in words("course_booked-consultant").text
    assert "@" not in words("course_booked").text


def test_html_is_escaped_and_text_is_not() -> None:
    """A name with brackets is a name in both parts, and an address with parameters stays one."""
    people = (PersonFacts('Åse <Holm> & "Co"', "leader"),)
    url = "https://forloeb.example/status?a=1&b=2"
    facts = CourseBookedFacts(reference="R", reader="contact", meetings=MEETINGS, people=people, status_url=url)
    composed = compose(facts, language="da", voice=VOICE, templates=TEMPLATES)
    assert 'Åse &lt;Holm&gt; &amp; "Co"' in composed.html
    assert f'href="{url.replace("&", "&amp;")}"' in composed.html
    assert 'Åse <Holm> & "Co", leder' in composed.text


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
        "Indledende møde: før mandag den 11. januar 2027 kl. 9.00–12.00, nu tirsdag den 12. januar 2027 kl. 9.00–12.00",
        "Svar på de nye indkaldelser i jeres kalender",
        "bed om et andet på jeres side",
        "https://forloeb.example/status/proeve",
    )
    assert [told.find(part) for part in parts] == sorted(told.find(part) for part in parts)
    assert all(part in told for part in parts)


def test_a_tailored_course_lists_what_is_new_and_what_is_off() -> None:
    """Each with its date, and cancellations need no answer."""
    told = " ".join(words("course_changed-tailored").text.split())
    assert "Nye møder --------- - Første møde: tirsdag den 9. februar 2027" in told
    assert "Aflyst ------ - Indledende møde: tirsdag den 12. januar 2027" in told
    assert "Der er nu to konsulenter på forløbet." in told
    assert "I skal ikke svare på dem." in told
    asked = " ".join(words("course_changed-second").text.split())
    assert "Svar på de nye indkaldelser" not in asked, "there are none for her"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_reads_why_a_consultant_is_away(language: Language) -> None:
    """Leave and illness are hers alone."""
    private = r"\b(syg\w*|sygdom|orlov|ferie|fravær|barsel|sick\w*|ill|illness|absen\w+|holiday|vacation|on leave)\b"
    for sample in SAMPLES:
        composed = words(sample, language)
        assert not re.search(private, f"{composed.subject} {composed.text}".lower()), sample


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_is_asked_about_an_answer_may_do_nothing(language: Language) -> None:
    """The mail may reach somebody who never answered: each kind of answer is named, and nothing happens by itself."""
    kinds = [sample for sample in SAMPLES if sample.startswith("confirm_answer-")]
    texts = [" ".join(words(sample, language).text.split()) for sample in kinds]
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert ("Var det ikke dig, så gør ingenting" if language == "da" else "If it was not you, do nothing") in text
        assert "https://forloeb.example/svar/proeve" in text
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
    assert "https://forloeb.example/coordinator/courses/proeve" in words("stall_report").text


def test_a_long_course_with_many_people_stays_below_the_limit() -> None:
    """A mail that is too large is never sent."""
    people = tuple(
        PersonFacts("Åse Marie Høegh-Guldberg Hansen", "leader", mail=f"{'a' * 60}@kommune.example") for _ in range(50)
    )
    facts = CourseBookedFacts(reference="R", reader="consultant", meetings=MEETINGS[:1] * 50, people=people)
    composed = compose(facts, language="da", voice=VOICE, templates=TEMPLATES)
    assert len(sample_mail(composed, "da")) < MAIL_BYTES_MAX


def test_subjects_name_nobody_and_no_place() -> None:
    """They stand in lists that others see, too."""
    for kind in KIND_NAMES:
        for name, _language, composed in mails_of(kind):
            assert not re.search(r"Holm|Lind|Krogh|Åbrinken|Søndergade|@|https?:", composed.subject), name


def test_subjects_and_texts_name_no_theme() -> None:
    """Mailboxes are shared and subjects show on locked screens."""
    themes = ("chikane", "mobning", "vold", "trusler", "alenearbejde", "samarbejde", "forandring", "harass", "violence")
    for sample in SAMPLES:
        for language in LANGUAGES:
            composed = words(sample, language)
            told = f"{composed.subject} {composed.text}".lower()
            assert not [theme for theme in themes if theme in told]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x.example/\r\n", "https://x.example/ø", ""])
def test_only_plain_web_links_are_written(url: str) -> None:
    """A link comes from our own services; anything else is a mistake."""
    facts = dataclasses.replace(FACTS["da"]["receipt"], confirm_url=url)
    with pytest.raises(ValueError, match="link"):
        compose(facts, language="da", voice=VOICE, templates=TEMPLATES)


def test_the_mails_between_meetings_use_the_words_of_the_field() -> None:
    """Plain Danish words that the workplaces know."""
    assert "hjemmeopgave" in words("homework").subject
    assert "prøvehandling" in words("trial_check").subject
    assert "uge 2" in words("homework").text
    assert "Tal sammen om, hvad der fylder hos jer" in words("homework").text


@pytest.mark.parametrize("sample", ["reminder", "reminder-soon", "reminder-consultant"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reminder_names_the_day_and_never_says_tomorrow(sample: str, language: Language) -> None:
    """A mail may be put off for a day, and is read when it is read."""
    composed = words(sample, language)
    assert "2027" in composed.subject
    assert not re.search(r"i morgen|i dag|tomorrow|today", f"{composed.subject} {composed.text}".lower())


def test_a_reminder_a_day_before_asks_for_no_other_time() -> None:
    """It is too late for that; to say no still helps the others."""
    assert "foreslå et andet" in " ".join(words("reminder").text.split())
    assert "foreslå" not in words("reminder-soon").text
    assert "Svar nej i kalenderen" in words("reminder-soon").text


def test_the_questionnaire_says_that_it_is_anonymous_and_what_it_is_for() -> None:
    """And whether there will be another one."""
    first, later = (" ".join(words(sample).text.split()) for sample in ("evaluation", "evaluation-later"))
    for told in (first, later):
        assert "Svarene er anonyme" in told
        assert "gøre forløbene bedre" in told
    assert "Om nogle måneder spørger vi én gang til" in first
    assert "Det er sidste gang, vi spørger." in later


def test_materials_are_named_only_where_the_programme_wants_them_in_the_mail() -> None:
    """Their names may tell the theme; else the status page has them."""
    assert "https://forloeb.example/materialer/godt-i-gang" in words("materials").text
    assert "materialer/" not in words("materials-on-page").text
    assert "Se materialerne på jeres side" in words("materials-on-page").text


def test_mails_about_an_address_name_neither_the_address_nor_whose_it_is() -> None:
    """They go to a colleague, to a shared mailbox, and to an address that may be anybody's by now."""
    for sample in ("address_wanted", "address_report", "address_changed"):
        for language in LANGUAGES:
            assert not re.search(r"@|Holm|Lind", words(sample, language).text.replace("kontakt@forloeb.example", ""))


@pytest.mark.parametrize("sample", ["course_booked-decided", "waiting_list-decided"])
def test_where_people_decide_the_first_news_says_yes(sample: str) -> None:
    """There is no mail of its own for it."""
    assert "Vi siger ja til jeres ansøgning" in words(sample).text
    assert "siger ja" not in words(sample.removesuffix("-decided")).text
