import email
import email.policy
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.cli import app
from tests.mail_samples import KIND_NAMES, SAMPLES, words


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["messages", "preview", *arguments])


def test_a_preview_is_a_mail_a_page_and_a_text(tmp_path: Path) -> None:
    """The mail opens in a mail program: both parts, the subject, and people who do not exist."""
    assert run("receipt", "--lang", "da", "--out", str(tmp_path / "new")).exit_code == 0
    files = {file.name: file for file in (tmp_path / "new").iterdir()}
    assert sorted(files) == ["receipt.da.eml", "receipt.da.html", "receipt.da.txt"]
    mail = email.message_from_bytes(files["receipt.da.eml"].read_bytes(), policy=email.policy.default)
    composed = words("receipt")
    assert mail["Subject"] == composed.subject
    assert mail["To"].endswith(".example")
    bodies = [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]
    assert [body.replace("\r\n", "\n") for body in bodies] == [composed.text, composed.html]
    assert files["receipt.da.html"].read_text(encoding="utf-8") == composed.html


def test_who_reads_it_may_be_chosen(tmp_path: Path) -> None:
    """A consultant's mail differs from the contacts'."""
    assert run("withdrawn", "--reader", "consultant", "--lang", "en", "--out", str(tmp_path)).exit_code == 0
    assert "The workplace has withdrawn" in (tmp_path / "withdrawn-consultant.en.txt").read_text(encoding="utf-8")


def test_all_mails_are_told_as_json(tmp_path: Path) -> None:
    """Every form of every kind in both languages, with the files."""
    result = run("--all", "--json", "--out", str(tmp_path))
    mails = json.loads(result.stdout)["mails"]
    assert {mail["kind"] for mail in mails} == set(KIND_NAMES)
    assert len(mails) == 2 * len(SAMPLES)
    assert {file for mail in mails for file in mail["files"]} == {str(file) for file in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["reciept"],
            "There is no mail of kind 'reciept'. There are: address_changed, address_report, address_wanted, briefing",
        ),
        ([], "Name one kind, or give --all."),
        (["receipt", "--all"], "Name one kind, or give --all."),
        (["receipt", "--templates", "/nowhere"], "/nowhere: is no folder"),
    ],
)
def test_what_cannot_be_shown_is_told(tmp_path: Path, arguments: list[str], told: str) -> None:
    """With what there is, and exit code 2."""
    result = run(*arguments, "--out", str(tmp_path / "never"))
    assert result.exit_code == 2
    assert told in result.stderr
    assert not (tmp_path / "never").exists()


def test_an_organisations_own_words_are_shown(tmp_path: Path) -> None:
    """Before the notifier is started with them."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "da.po").write_text(
        'msgid ""\nmsgstr ""\n\nmsgid "Kind regards"\nmsgstr "Kærlig hilsen"\n', encoding="utf-8"
    )
    assert run("receipt", "--lang", "da", "--templates", str(own), "--out", str(tmp_path)).exit_code == 0
    assert "Kærlig hilsen" in (tmp_path / "receipt.da.txt").read_text(encoding="utf-8")
