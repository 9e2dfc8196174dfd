"""What may be wrong with a request as a whole: the answer's status and words, never anything that the caller sent."""


class RequestError(Exception):
    """The base: `status` is the HTTP status, `title` and `detail` are for the caller, `headers` go with the answer."""

    status = 400
    title = "The request is wrong"
    detail = ""

    def __init__(self) -> None:
        super().__init__(self.title)
        self.headers: dict[str, str] = {}


class TooManyError(RequestError):
    """`retry_after_seconds`: when the window has room again."""

    status = 429
    title = "Too many requests"
    detail = "Please wait, and try again after the time in Retry-After."

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__()
        self.headers = {"Retry-After": str(retry_after_seconds)}
