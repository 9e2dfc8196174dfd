"""The fields about what is wished for and when, and the promises at the end. Pure."""

from typing import Final

from services.intake.form.field import Field
from services.intake.form.marking import N_
from services.intake.form.steps import Step

MATTER_AND_TIMES: Final = (
    Field(
        pattern="themes",
        step=Step.MATTER,
        label=N_("Which themes is it about?"),
        hint=N_("Choose one or more."),
        control="checkboxes",
    ),
    Field(
        pattern="challenge",
        step=Step.MATTER,
        label=N_("Describe the challenge in short"),
        hint=N_("What do you experience in your everyday work?"),
        control="textarea",
    ),
    Field(
        pattern="desired_change",
        step=Step.MATTER,
        label=N_("What would you like to change?"),
        hint=N_("What should be different when the course has ended?"),
        control="textarea",
    ),
    Field(
        pattern="format",
        step=Step.TIMES,
        label=N_("How would you like to meet?"),
        control="radios",
        preset=True,
    ),
    Field(
        pattern="earliest_start",
        step=Step.TIMES,
        label=N_("Which week can you begin?"),
        hint=N_("The first meeting will be in this week at the earliest."),
        control="select",
        optional=True,
    ),
    Field(
        pattern="wishes.avoid_weekdays",
        step=Step.TIMES,
        label=N_("Weekdays that suit you badly"),
        hint=N_("We avoid them where we can."),
        control="checkboxes",
        optional=True,
    ),
    Field(
        pattern="wishes.preferred_hours.from_time",
        step=Step.TIMES,
        label=N_("Best from"),
        hint=N_("For example 9.00."),
        optional=True,
        width="input-width-xs",
    ),
    Field(
        pattern="wishes.preferred_hours.to_time",
        step=Step.TIMES,
        label=N_("Best until"),
        hint=N_("For example 15.00."),
        optional=True,
        width="input-width-xs",
    ),
    Field(
        pattern="wishes.avoid_hours.*.weekday",
        step=Step.TIMES,
        label=N_("Weekday"),
        control="select",
        width="input-width-m",
    ),
    Field(pattern="wishes.avoid_hours.*.from_time", step=Step.TIMES, label=N_("From"), width="input-width-xs"),
    Field(pattern="wishes.avoid_hours.*.to_time", step=Step.TIMES, label=N_("Until"), width="input-width-xs"),
    Field(
        pattern="wishes.weeks_out",
        step=Step.TIMES,
        label=N_("Weeks when you cannot meet"),
        hint=N_("Week numbers, for example 7, 8 and 42. We read them as the next such weeks, and show you the dates."),
        optional=True,
        width="input-width-l",
    ),
    Field(
        pattern="wishes.unavailable.*.first_day",
        step=Step.TIMES,
        label=N_("First day"),
        width="input-width-s",
    ),
    Field(
        pattern="wishes.unavailable.*.last_day",
        step=Step.TIMES,
        label=N_("Last day"),
        optional=True,
        width="input-width-s",
    ),
    Field(
        pattern="wishes.unavailable.*.from_time",
        step=Step.TIMES,
        label=N_("From"),
        optional=True,
        width="input-width-xs",
    ),
    Field(
        pattern="wishes.unavailable.*.to_time",
        step=Step.TIMES,
        label=N_("Until"),
        optional=True,
        width="input-width-xs",
    ),
)
PROMISES: Final = (
    Field(
        pattern="agreed",
        step=Step.REVIEW,
        label=N_("Our leader and employees agree on applying for this course."),
        control="tick",
    ),
    Field(
        pattern="evaluation",
        step=Step.REVIEW,
        label=N_("We set aside time for the course and take part in the evaluation."),
        control="tick",
    ),
    Field(
        pattern="privacy_read",
        step=Step.REVIEW,
        label=N_("We have read how personal data is handled."),
        control="tick",
    ),
)
