import re

import pytest

from deploy.settings_docs import PROJECT, SERVICES, documents
from shared.settings import CommonSettings, SettingsError, load
from tests.unit.test_settings import GOOD


@pytest.mark.parametrize("path", documents(), ids=str)
def test_the_written_files_are_current(path: object) -> None:
    """Who changes a setting writes them anew: `.venv/bin/python -m deploy.settings_docs`."""
    written = {name: (PROJECT / name).read_text(encoding="utf-8") for name in documents()}
    assert written[path] == documents()[path]  # type: ignore[index]


def example() -> dict[str, str]:
    """The example as it would be with every comment sign before a setting removed."""
    text = (PROJECT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^#?(FORLOEB_[A-Z0-9_]+)=(.*)$", text, re.MULTILINE))


@pytest.mark.parametrize("settings", SERVICES.values(), ids=SERVICES)
def test_the_example_asks_for_exactly_what_is_required(settings: type[CommonSettings]) -> None:
    """Taken as it is, it names each missing value; with these filled in, every default in it is right."""
    with pytest.raises(SettingsError) as caught:
        load(settings, example())
    missing = {line.split(":")[0] for line in str(caught.value).splitlines()}
    assert missing == {f"FORLOEB_{name}" for name in ("KAFKA", "MONGODB", "MASTER_KEY", "LINK_SECRET", "STAFF_TOKEN")}
    assert load(settings, example() | GOOD) == load(settings, GOOD)


def test_every_setting_is_described() -> None:
    """A sentence each, in both files."""
    for settings in SERVICES.values():
        for name, field in settings.model_fields.items():
            assert field.description, f"{name} has no description"
