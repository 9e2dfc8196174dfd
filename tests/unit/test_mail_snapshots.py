"""Each mail as it was last looked at; `python -m tests.write_mail_samples` writes them anew."""

from tests.write_mail_samples import FOLDER, snapshots


def test_each_mail_is_the_one_that_was_looked_at() -> None:
    """A change of a template or of the catalogue shows in every mail that it reaches."""
    kept = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir()}
    found = snapshots()
    assert sorted(kept) == sorted(found)
    assert [name for name in found if found[name] != kept[name]] == [], "look at them, then write_mail_samples"
