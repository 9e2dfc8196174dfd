"""What the intake service needs to be told, beside what every service does."""

from pathlib import Path
from typing import Annotated

from limits import parse
from pydantic import AfterValidator, Field, SecretStr

from shared.settings import CommonSettings


def _limit(text: str) -> str:
    parse(text)  # says what is wrong with it
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
