"""From the bytes of a request to an application whose every field is right, or to all that is wrong with them. Pure."""

from datetime import date

from pydantic import ValidationError

from services.intake.application import ApplicationForm
from services.intake.application_rules import check
from services.intake.errors import FieldsWrongError, MalformedJsonError
from services.intake.faults import faults_from
from shared.programme import Programme
from shared.reference.municipalities import Municipalities


def read_form(body: bytes, *, programme: Programme, municipalities: Municipalities, today: date) -> ApplicationForm:
    """The application in a JSON body. `today` is the date in the programme's zone.

    Raises:
        MalformedJsonError: the body is no JSON object in UTF-8.
        FieldsWrongError: with every fault that could be found.

    """
    try:
        form = ApplicationForm.model_validate_json(body)
    except ValidationError as error:
        faults = faults_from(error)
        if any(not one.path and one.code in ("json", "object") for one in faults):
            raise MalformedJsonError from None
        raise FieldsWrongError(faults) from None
    faults = check(form, programme=programme, municipalities=municipalities, today=today)
    if faults:
        raise FieldsWrongError(faults)
    return form
