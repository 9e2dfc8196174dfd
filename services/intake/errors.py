"""What may be wrong with a request, apart from its fields. None of them holds anything that the caller sent."""

from collections.abc import Sequence

from services.intake.faults import FieldFault
from shared.request_errors import RequestError


class NotJsonError(RequestError):
    status = 415
    title = "Only JSON is taken"
    detail = "Send the application as application/json."


class MalformedJsonError(RequestError):
    title = "The body is no JSON object"
    detail = "Send one JSON object in UTF-8."


class TokenUnknownError(RequestError):
    status = 401
    title = "The token is not known"
    detail = "Send a valid bearer token, or none."

    def __init__(self) -> None:
        super().__init__()
        self.headers = {"WWW-Authenticate": "Bearer"}


class KeyFormError(RequestError):
    title = "The Idempotency-Key has a wrong form"
    detail = "Use 16 to 128 visible ASCII characters without spaces, e.g. a UUID."


class KeyReusedError(RequestError):
    status = 422
    title = "The Idempotency-Key was used for another application"
    detail = "Make a new key for each application."


class KeyInUseError(RequestError):
    status = 409
    title = "The first request with this Idempotency-Key is still being handled"
    detail = "Wait a moment, then send it again."


class LinkError(RequestError):
    """Whatever is wrong with a link, the answer is the same, so that nobody learns anything by trying."""

    status = 404
    title = "This link leads nowhere"
    detail = "It is wrong, incomplete or no longer valid."


class StateForbidsError(RequestError):
    """The application is in a state that does not allow this any more."""

    status = 409
    title = "This can no longer be done"
    detail = "The application was withdrawn or declined, or its course has ended."


class FieldsWrongError(Exception):
    """Some fields of the application are wrong; `faults` has one entry for each."""

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__("some fields are wrong")
        self.faults = tuple(faults)
