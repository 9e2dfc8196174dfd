"""The fields of a form that a browser sent: URL-encoded only, and not too many of them."""

from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from shared.request_errors import RequestError

FIELDS_MAX: Final = 1000
FORM: Final = "application/x-www-form-urlencoded"


class FormUnreadableError(RequestError):
    status = 400
    title = "The form could not be read"
    detail = "Go back, reload the page, and send it again."


class NotAFormError(RequestError):
    status = 415
    title = "Only forms are taken here"
    detail = "Send the fields as application/x-www-form-urlencoded."


async def read_fields(request: Request) -> list[tuple[str, str]]:
    """Names and values in their order; the edge has limited the size before.

    Raises:
        NotAFormError: it is no URL-encoded form (a multipart one is not, either).
        FormUnreadableError: too many fields, or not UTF-8.

    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise NotAFormError
    body = await request.body()
    try:
        return parse_qsl(
            body.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=FIELDS_MAX
        )
    except ValueError:
        raise FormUnreadableError from None
