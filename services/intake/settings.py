"""What the intake service needs to be told, beside what every service does."""

from pathlib import Path
from typing import Annotated, Self

from limits import parse
from pydantic import AfterValidator, Field, SecretStr, model_validator

from services.intake.mail_in.mailbox import Mailbox, place_of
from services.intake.mail_in.where import Where, lmtp_at, smtp_at
from shared.client_address import networks
from shared.settings import CommonSettings


def _limit(text: str) -> str:
    parse(text)  # says what is wrong with it
    return text


def _lmtp(text: str) -> str:
    lmtp_at(text)  # says what is wrong with it
    return text


def _smtp(text: str) -> str:
    smtp_at(text)  # says what is wrong with it
    return text


def _imap(text: str) -> str:
    place_of(text)  # says what is wrong with it
    return text


def _networks(text: str) -> str:
    networks(text)  # says what is wrong with it
    return text


_Limit = Annotated[str, AfterValidator(_limit)]


class IntakeSettings(CommonSettings):
    intake_host: str = Field("127.0.0.1", description="Address that the intake service listens on.")
    intake_port: int = Field(8000, ge=1, le=65535, description="Port that the intake service listens on.")
    intake_api_token: SecretStr | None = Field(
        None,
        description="At least 32 characters; callers who send it as bearer token are trusted, their applications need no confirmation.",
    )
    intake_client_limit: _Limit = Field(
        "10/10 minutes", description="Applications taken from one network (IPv4 /24, IPv6 /64), per process."
    )
    intake_total_limit: _Limit = Field("600/minute", description="Applications taken from everybody, per process.")
    intake_draft_limit: _Limit = Field(
        "30/10 minutes", description="Applications begun in the form from one network, per process."
    )
    intake_change_limit: _Limit = Field(
        "300/10 minutes",
        description="Forms of the public pages (steps, confirming, withdrawing …) taken from one network, per process.",
    )
    intake_change_total_limit: _Limit = Field(
        "6000/minute", description="Forms of the public pages taken from everybody, per process."
    )
    intake_bad_link_limit: _Limit = Field(
        "20/minute", description="Wrong links tried from one network before it is refused for a while."
    )
    intake_assets: Path | None = Field(
        None,
        description="Folder of the installed design system. Empty: beside the Python environment, where setup puts it.",
    )
    intake_texts: Path | None = Field(
        None,
        description="Folder with da.po and en.po: an organisation's own texts for the public pages, in place of ours.",
    )
    intake_lmtp: Annotated[str, AfterValidator(_lmtp)] | None = Field(
        None,
        description="Where our mail server delivers answers by LMTP: 127.0.0.1:PORT, [::1]:PORT or unix:/PATH. Empty: nowhere.",
    )
    intake_smtp: Annotated[str, AfterValidator(_smtp)] | None = Field(
        None, description="Where answers are taken by SMTP, IP address and port. Empty: nowhere."
    )
    intake_smtp_peers: Annotated[str, AfterValidator(_networks)] = Field(
        "", description="Networks (CIDR, with commas) of the mail servers that may deliver by SMTP."
    )
    intake_authserv_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._-]{1,253}$",
        description="Name by which our own mail server signs what it found about senders (Authentication-Results). Empty: none.",
    )
    intake_imap_url: Annotated[str, AfterValidator(_imap)] | None = Field(
        None,
        description="Mailbox to fetch answers from where no mail server delivers them: imaps://HOST[:PORT], or imap:// (STARTTLS).",
    )
    intake_imap_user: str | None = Field(None, description="User of that mailbox.")
    intake_imap_password: SecretStr | None = Field(None, description="Password of that mailbox.")
    intake_imap_folder: str = Field(
        "INBOX", pattern=r'^[^"\\\x00-\x1f\x7f]{1,200}$', description="Folder of that mailbox."
    )
    intake_imap_minutes: float = Field(1, gt=0, le=24 * 60, description="How often that mailbox is looked into.")
    intake_imap_ca_file: str | None = Field(
        None, description="CA certificates of that mailbox's server (PEM), where it is not a public one."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.intake_smtp is None) != (not self.intake_smtp_peers.strip()):
            raise ValueError("FORLOEB_INTAKE_SMTP and FORLOEB_INTAKE_SMTP_PEERS: give both or neither")
        given = (self.intake_imap_url, self.intake_imap_user, self.intake_imap_password)
        if len({one is None for one in given}) > 1:
            raise ValueError(
                "FORLOEB_INTAKE_IMAP_URL, FORLOEB_INTAKE_IMAP_USER and FORLOEB_INTAKE_IMAP_PASSWORD: give all or none"
            )
        return self

    @property
    def listens_at(self) -> tuple[Where, ...]:
        """Where mail is taken."""
        lmtp = (lmtp_at(self.intake_lmtp),) if self.intake_lmtp else ()
        return lmtp + ((smtp_at(self.intake_smtp),) if self.intake_smtp else ())

    @property
    def mailbox(self) -> Mailbox | None:
        """The mailbox that is read."""
        if self.intake_imap_url is None or self.intake_imap_user is None or self.intake_imap_password is None:
            return None
        host, port, tls = place_of(self.intake_imap_url)
        return Mailbox(
            host=host,
            port=port,
            tls=tls,
            user=self.intake_imap_user,
            password=self.intake_imap_password.get_secret_value(),
            folder=self.intake_imap_folder,
            ca_file=self.intake_imap_ca_file,
        )
