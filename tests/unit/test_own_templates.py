from pathlib import Path

import pytest

from services.notifier.compose import compose
from services.notifier.preview.sample_parts import VOICE
from services.notifier.preview.try_own import OwnTemplatesError, load_tried_templates
from services.notifier.template_files import FOLDER, Templates
from tests.mail_samples import FACTS, words

OWN_INVITE = """{% extends layout %}
{% block subject %}{{ meeting.label }}{% endblock %}
{% block title %}{{ meeting.label }}{% endblock %}
{% block body %}
{% from parts import p %}
{% call p() %}{{ _("Hello") }} {{ _("colleagues") }}{% endcall %}
{% endblock %}
"""


def text_of(sample: str, templates: Templates, language: str = "da") -> str:
    return compose(FACTS[language][sample], language=language, voice=VOICE, templates=templates).text


def test_an_organisation_can_replace_one_mail_in_both_languages(tmp_path: Path) -> None:
    """A file of the same name wins, its words come from the organisation's catalogue, the other mails stay."""
    (tmp_path / "invite.mail").write_text(OWN_INVITE, encoding="utf-8")
    (tmp_path / "da.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "colleagues"\nmsgstr "kolleger"\n', encoding="utf-8")
    templates = load_tried_templates(tmp_path)
    assert text_of("invite", templates).startswith("Hej kolleger\n")
    assert text_of("invite", templates, "en").startswith("Hello colleagues\n")
    assert text_of("withdrawn", templates) == words("withdrawn").text


def test_an_organisation_can_replace_one_mail_in_one_language(tmp_path: Path) -> None:
    """The name says which."""
    (tmp_path / "invite.da.mail").write_text(OWN_INVITE.replace('{{ _("Hello") }}', "Goddag"), encoding="utf-8")
    templates = load_tried_templates(tmp_path)
    assert text_of("invite", templates).startswith("Goddag colleagues\n")
    assert text_of("invite", templates, "en") == words("invite", "en").text


def test_an_organisation_can_replace_one_text_of_all_mails(tmp_path: Path) -> None:
    """Its catalogue has the same English keys; what looks like markup in it is text."""
    (tmp_path / "da.po").write_text(
        'msgid ""\nmsgstr ""\n\nmsgid "Kind regards"\nmsgstr "De bedste <hilsner> & tak"\n', encoding="utf-8"
    )
    templates = load_tried_templates(tmp_path)
    composed = compose(FACTS["da"]["withdrawn"], language="da", voice=VOICE, templates=templates)
    assert "De bedste <hilsner> & tak\nSPARK\n" in composed.text
    assert "De bedste &lt;hilsner&gt; &amp; tak" in composed.html


FAULTS = {
    "placeholder of a text": (
        "da.po",
        'msgid ""\nmsgstr ""\n\nmsgid "Hello"\nmsgstr "Hej %(name)s"\n',
        r"da\.po:4: the text for 'Hello' has nothing to put in for %\(name\)s",
    ),
    "text without its end": (
        "da.po",
        'msgid "Hello"\nmsgstr "Goddag\n',
        r"da\.po:2: does not end with a quotation mark",
    ),
    "words outside the blocks": (
        "invite.mail",
        OWN_INVITE + "Ring til os\n",
        r"invite\.mail:\d+: stands outside the blocks, where nobody reads it",
    ),
    "no layout": (
        "invite.mail",
        OWN_INVITE.replace("{% extends layout %}", ""),
        r"invite\.mail:1: has no {% extends layout %}",
    ),
    "slip in the name of the layout": ("layuot.html", "", r"layuot\.html: .* is layout\.html meant\?"),
    "unknown placeholder": (
        "invite.mail",
        OWN_INVITE.replace("meeting.label", "meeting.lable"),
        r"invite\.mail:2: .*'lable'; a mail of kind invite has changed, meeting, reworded, programme",
    ),
    "unknown name": (
        "receipt.mail",
        OWN_INVITE.replace("meeting.label", "theme"),
        r"receipt\.mail:2: 'theme' is undefined; a mail of kind receipt has answer_before, answer_days",
    ),
    "unknown placeholder in one of our parts": (
        "invite.mail",
        OWN_INVITE.replace("{% from parts import p %}", "{% from parts import p, items %}{{ items(rows) }}"),
        r"invite\.mail:5: 'rows' is undefined",
    ),
    "syntax": ("invite.en.mail", OWN_INVITE.replace("{% endcall %}", ""), r"invite\.en\.mail:7: .*endblock"),
    "no title": (
        "invite.mail",
        OWN_INVITE.replace("block title", "block titel"),
        r"invite\.mail:1: has no \{% block title %\}",
    ),
    "no body": ("invite.mail", "{% extends layout %}{% block title %}x{% endblock %}", r"has no \{% block body %\}"),
    "slip in the name": (
        "recept.mail",
        OWN_INVITE,
        r"recept\.mail: no mail reads a file of this name; is receipt\.mail meant\?",
    ),
    "too long": (
        "invite.mail",
        OWN_INVITE.replace("{% from", "{% for _each in range(9000) %}så langt{% endfor %}{% from"),
        r"invite\.mail: the mail has \d+ bytes in language da; it may have 80000, so shorten it",
    ),
    "no subject": (
        "invite.mail",
        OWN_INVITE.replace("{{ meeting.label }}", "", 1),
        r"invite\.mail: the subject has 0 characters; 1 to 200 are possible",
    ),
    "wrong use of a value": (
        "invite.mail",
        OWN_INVITE.replace("meeting.label", "week(meeting.label)"),
        r"invite\.mail:2: AttributeError",
    ),
    "no catalogue": ("da.po", "junk\n", r"da\.po: .*keyword"),
    "unknown placeholder in a catalogue": (
        "da.po",
        'msgid "Cancelled: %(label)s"\nmsgstr "Aflyst: %(navn)s"\n',
        r"da\.po: line 1: the text for 'Cancelled: %\(label\)s': .*'navn'",
    ),
}


@pytest.mark.parametrize(("name", "content", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_what_could_not_be_sent_is_told_with_file_and_line(tmp_path: Path, name: str, content: str, told: str) -> None:
    """At the start, in words that say what to do; not when the first person waits for the mail."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(OwnTemplatesError, match=told) as found:
        load_tried_templates(tmp_path)
    faults = str(found.value).split("\n")
    assert len(set(faults)) == len(faults)


def test_a_file_in_another_encoding_is_told_with_file_and_line(tmp_path: Path) -> None:
    """As old editors write Danish letters; and notes for colleagues may lie in the folder."""
    (tmp_path / "readme.txt").write_text("Vores egne ord", encoding="utf-8")
    load_tried_templates(tmp_path)
    (tmp_path / "invite.mail").write_text(OWN_INVITE.replace('{{ _("Hello") }}', "Kære"), encoding="latin-1")
    with pytest.raises(OwnTemplatesError, match=r"invite\.mail:6: is not written in UTF-8"):
        load_tried_templates(tmp_path)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Whoever puts them right starts once more, not once for each."""
    for name in ("invite.mail", "receipt.mail", "withdrawn.da.mail"):
        (tmp_path / name).write_text(OWN_INVITE.replace("meeting.label", "wrong"), encoding="utf-8")
    with pytest.raises(OwnTemplatesError) as found:
        load_tried_templates(tmp_path)
    assert len(str(found.value).split("\n")) == 3


def test_our_own_files_are_a_folder_that_an_organisation_can_begin_with() -> None:
    """A copy of all of them is fine."""
    assert load_tried_templates(FOLDER).own
