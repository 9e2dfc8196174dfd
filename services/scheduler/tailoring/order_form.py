"""Reads the tailoring form with its reason: who sends it is another matter, coordinators and consultants fill in the same."""

from collections.abc import Mapping

from services.scheduler.acts import Order, Tailor
from services.scheduler.coordinator.act_form import FormWrongError, order_of
from services.scheduler.course_change import Before, Impossible
from services.scheduler.means import Means
from services.scheduler.tailoring.form import tailor_of
from services.scheduler.tailoring.plan_tailor import plan_ground
from shared.words import Words


def tailor_order(before: Before, fields: Mapping[str, str], *, means: Means) -> Order:
    """The order that a filled-in form stands for, against the plan as it is now.

    Raises:
        FormWrongError: with a sentence for each wrong field; with none where the course has no plan that could be changed.

    """
    ground = plan_ground(before, means=means)
    if isinstance(ground, Impossible):
        raise FormWrongError({})
    faults: dict[str, Words] = {}
    act: Tailor | None = None
    try:
        act = tailor_of(ground, fields)
    except FormWrongError as error:
        faults |= error.faults
    try:
        return order_of("tailor", fields, act=act)
    except FormWrongError as error:
        raise FormWrongError({**faults, **error.faults}) from None
