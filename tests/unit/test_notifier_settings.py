import base64
from pathlib import Path

import pytest

from services.notifier import main as notifier
from services.notifier.settings import NotifierSettings
from services.notifier.smtp_settings import TlsMode
from shared.settings import SettingsError, load

GOOD = {
    "FORLOEB_KAFKA": "127.0.0.1:9092",
    "FORLOEB_MONGODB": "mongodb://127.0.0.1/",
    "FORLOEB_MASTER_KEY": base64.b64encode(bytes(number * number % 251 for number in range(32))).decode(),
    "FORLOEB_LINK_SECRET": "q9WmZr4tYb7xKc2vNf8sJd3hLg6pTa1u",
    "FORLOEB_STAFF_TOKEN": "u1aTp6gLh3dJs8fNv2cKx7bYt4rZmW9q",
}


def test_pauses_between_attempts_are_read_from_a_list() -> None:
    """As an operator writes them in the environment."""
    assert load(NotifierSettings, GOOD | {"FORLOEB_NOTIFIER_RETRY_SECONDS": "0.5, 2,60"}).notifier_retry_seconds == (
        0.5,
        2.0,
        60.0,
    )


def test_the_mail_server_is_read_from_its_address() -> None:
    """Host, port and log-in reach the SMTP client."""
    loaded = load(
        NotifierSettings,
        GOOD
        | {
            "FORLOEB_SMTP": "smtp://mail.kommune.example",
            "FORLOEB_SMTP_TLS": "starttls",
            "FORLOEB_SMTP_USER": "forloeb",
            "FORLOEB_SMTP_PASSWORD": "hemmelig",
        },
    )
    smtp = loaded.smtp_settings()
    assert (smtp.host, smtp.port, smtp.tls) == ("mail.kommune.example", 587, TlsMode.STARTTLS)
    assert (smtp.username, smtp.password) == ("forloeb", "hemmelig")
    assert "hemmelig" not in repr(loaded)


@pytest.mark.parametrize(
    "wrong",
    [
        {"FORLOEB_SMTP": "smtp://mail.kommune.example:25"},
        {"FORLOEB_SMTP": "mail.kommune.example"},
        {"FORLOEB_SMTP": "smtp://u:p@127.0.0.1:25"},
        {"FORLOEB_SMTP": "smtp://127.0.0.1:notaport"},
        {"FORLOEB_SMTP_USER": "forloeb", "FORLOEB_SMTP_PASSWORD": "hemmelig"},
        {"FORLOEB_NOTIFIER_RETRY_SECONDS": ","},
        {"FORLOEB_NOTIFIER_RETRY_SECONDS": "60,-1"},
        {"FORLOEB_NOTIFIER_SENDERS": "0"},
        {"FORLOEB_NOTIFIER_SETTLE_SECONDS": "-1"},
        {"FORLOEB_NOTIFIER_STAFF_URL": "staff.forloeb.example"},
    ],
)
def test_settings_under_which_mail_would_go_astray_stop_the_start(wrong: dict[str, str]) -> None:
    """Mail without TLS leaves this machine never; nonsense is refused with its name, secrets are not repeated."""
    with pytest.raises(SettingsError) as refused:
        load(NotifierSettings, GOOD | wrong)
    assert "hemmelig" not in str(refused.value)


def test_the_notifier_refuses_to_start_with_templates_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the setting, the file and the line."""
    (tmp_path / "invite.mail").write_text("{% extends layout %}", encoding="utf-8")
    for name, value in (GOOD | {"FORLOEB_NOTIFIER_TEMPLATES": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=r"FORLOEB_NOTIFIER_TEMPLATES: .*invite\.mail:1"):
        notifier.run()
