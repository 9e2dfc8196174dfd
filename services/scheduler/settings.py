"""The settings of the scheduler, on top of those that every service has."""

from pydantic import Field, field_validator

from shared.settings import CommonSettings


class SchedulerSettings(CommonSettings):
    """Names begin with FORLOEB_SCHEDULER_."""

    scheduler_host: str = Field("127.0.0.1", description="Address that the scheduler's API listens on.")
    scheduler_port: int = Field(8001, ge=1, le=65535, description="Port of the scheduler's API.")
    scheduler_calendar_minutes: int = Field(
        30,
        ge=5,
        le=1440,
        description="How often each consultant's own calendar is read, where she has given its address.",
    )
    scheduler_calendar_alert_hours: int = Field(
        24,
        ge=1,
        le=720,
        description="From this age on, a consultant's calendar that cannot be read is told as an error.",
    )
    scheduler_public_url: str | None = Field(
        None,
        description="Address at which consultants reach the pages of their courses, where it is not that of the public pages.",
    )
    scheduler_url: str = Field(
        "http://127.0.0.1:8001", description="Where commands such as `forloeb roster import` reach the scheduler."
    )

    @field_validator("scheduler_public_url")
    @classmethod
    def _scheduler_public_url(cls, value: str | None) -> str | None:
        if value is not None and (not value.startswith(("http://", "https://")) or value.endswith("/")):
            raise ValueError("does not begin with https:// (or http://), or ends with a slash")
        return value
