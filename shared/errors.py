"""The two families of failure that every consumer tells apart: something it needs is down, or the record itself is wrong."""


class DependencyDownError(Exception):
    """A database, broker, key store or mail server does not answer: hold, try again with backoff, lose nothing."""


class RecordFaultError(Exception):
    """The record itself cannot be handled, however often it is tried.

    `reason` is a short code for the dead letter; it never holds personal data or the text of another exception.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
