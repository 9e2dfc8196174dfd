"""Settings of the notifier."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from services.notifier.retrying import RETRY_SECONDS
from services.notifier.smtp_settings import SmtpSettings, TlsMode
from shared.settings import CommonSettings

PORTS_OF_SMTP = {TlsMode.NONE: 25, TlsMode.STARTTLS: 587, TlsMode.IMPLICIT: 465}


class NotifierSettings(CommonSettings):
    """What the notifier needs beside the common settings."""

    notifier_host: str = Field("127.0.0.1", description="Address that the notifier's pages and API listen on.")
    notifier_port: int = Field(8002, ge=1, le=65535, description="Port of the notifier's pages and API.")
    notifier_senders: int = Field(
        8, ge=1, le=64, description="Connections to the mail server that one process opens at most."
    )
    notifier_lease_seconds: float = Field(
        60.0,
        ge=1,
        le=3600,
        description="Seconds without a sign of life after which a mail in hand is taken from its process; longer than clocks differ.",
    )
    notifier_retry_seconds: Annotated[tuple[float, ...], NoDecode] = Field(
        RETRY_SECONDS,
        description="Pauses after the first, second, … failed attempt, with commas; the last one repeats.",
    )
    notifier_rate_per_second: float = Field(
        400.0,
        gt=0,
        le=10_000,
        description="Mails a second that one process sends at most; fewer for a while where the mail server asks for it.",
    )
    notifier_domain_rate_per_second: float = Field(
        200.0, gt=0, le=10_000, description="The same for mails to one domain, such as that of a municipality."
    )
    notifier_give_up_hours: float = Field(
        120.0, gt=0, le=24 * 30, description="A mail that was not accepted by then has failed (RFC 5321: 4-5 days)."
    )
    notifier_settle_seconds: float = Field(
        60.0,
        ge=0,
        le=3600,
        description="Changes of a booked course are told together once it has been quiet for so many seconds; 0: at once.",
    )
    notifier_staff_url: str | None = Field(
        None, description="Address at which coordinators reach their pages, where it is not that of the public pages."
    )
    notifier_url: str = Field(
        "http://127.0.0.1:8002", description="Where commands such as `forloeb messages list` reach the notifier."
    )
    notifier_templates: Path | None = Field(
        None,
        description="Folder with an organisation's own mail templates and texts, in place of ours (docs/mails.md).",
    )
    smtp: str = Field("smtp://127.0.0.1:2525", description="Mail server, smtp://host:port.")
    smtp_tls: TlsMode = Field(
        TlsMode.NONE, description="none (only for a mail server on this machine), starttls or implicit."
    )
    smtp_user: str | None = Field(None, description="User of the mail server.")
    smtp_password: SecretStr | None = Field(None, description="Password of the mail server.")
    smtp_ca_file: str | None = Field(
        None, description="CA certificates of the mail server (PEM), where it is not a public one."
    )
    smtp_ehlo_name: str = Field(
        "localhost", description="The name that this machine introduces itself with to the mail server."
    )

    smtp_messages_per_connection: int = Field(
        100, ge=1, le=100_000, description="Mails after which a connection to the mail server is closed."
    )
    smtp_idle_seconds: float = Field(
        30.0, gt=0, le=3600, description="Seconds after which a connection that nothing is sent on is closed."
    )

    @field_validator("notifier_retry_seconds", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return value.split(",") if isinstance(value, str) else value

    @field_validator("notifier_retry_seconds")
    @classmethod
    def _some_pauses(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if not value or any(pause <= 0 for pause in value):
            raise ValueError("needs at least one pause, in seconds, all longer than nothing")
        return value

    @field_validator("notifier_staff_url")
    @classmethod
    def _staff_url(cls, value: str | None) -> str | None:
        if value is not None and (not value.startswith(("http://", "https://")) or value.endswith("/")):
            raise ValueError("does not begin with https:// (or http://), or ends with a slash")
        return value

    @field_validator("smtp")
    @classmethod
    def _mail_server(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "smtp" or not parts.hostname or parts.username or parts.path.strip("/"):
            raise ValueError("must have the form smtp://host:port")
        return value

    @model_validator(mode="after")
    def _protected(self) -> Self:
        self.smtp_settings()
        return self

    def smtp_settings(self) -> SmtpSettings:
        """The mail server as the SMTP client takes it.

        Raises:
            ValueError: mail, or a password, would go out unprotected.

        """
        parts = urlsplit(self.smtp)
        return SmtpSettings(
            host=parts.hostname or "",
            port=parts.port or PORTS_OF_SMTP[self.smtp_tls],
            tls=self.smtp_tls,
            ehlo_name=self.smtp_ehlo_name,
            username=self.smtp_user,
            password=self.smtp_password.get_secret_value() if self.smtp_password else None,
            ca_file=self.smtp_ca_file,
            messages_per_connection_max=self.smtp_messages_per_connection,
            idle_seconds_max=self.smtp_idle_seconds,
        )
