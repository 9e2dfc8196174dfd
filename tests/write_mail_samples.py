"""Writes the mails of the samples into tests/samples/messages: `python -m tests.write_mail_samples`, after a change that is meant.

The text of each sample, and the HTML of one sample of each kind; the subject stands in the first line of the text.
"""

from pathlib import Path

from tests.mail_samples import KIND_NAMES, mails_of

FOLDER = Path(__file__).parent / "samples" / "messages"


def snapshots() -> dict[str, str]:
    """By file name."""
    found = {}
    for kind in KIND_NAMES:
        for name, _language, words in mails_of(kind):
            found[f"{name}.txt"] = f"{words.subject}\n\n{words.text}"
            if name.partition(".")[0] == kind:
                found[f"{name}.html"] = words.html
    return found


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for file in FOLDER.iterdir():
        file.unlink()
    for name, content in snapshots().items():
        (FOLDER / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
