"""Logging: one JSON object a line outside a terminal, known fields only, tracebacks without texts and local variables."""

import logging
import re
import sys
import threading
import warnings
from types import TracebackType
from typing import Any

import orjson
import structlog

Record = structlog.typing.EventDict
FOREIGN_CHARACTERS_MAX = 300
HIDDEN = "<hidden>"
# Ids, codes, counts, instants and names of our own parts. A field that nobody has thought about is told without its value.
FIELDS = frozenset(
    """
    timestamp level service event exception places
    application_id consultant course document_id event_id key_id message_id subject
    group offset partition partitions place port topic type sequence
    attempt code dependency enhanced error kind needs_attention outcome phase reason reasons state step waiting_for why at
    account act aggregate_id role
    category cost count events messages overlapping released retry_seconds seconds unclaimed
    """.split()  # noqa: SIM905 - in groups they can be read
)
# Of the texts with an @ in them only ids of mails and meetings may stand: a UUID at the organisation's domain.
_ID_AT_DOMAIN = re.compile(r"<?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}@[A-Za-z0-9.-]{1,80}>?")
_WITH_AT = re.compile(r"\S*@\S*")


def configure(*, service: str, level: str = "info") -> None:
    """Set up structlog and let the standard library's loggers end in the same stream (stderr)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_service(service),
        _without_texts,
        _known_fields,
    ]
    terminal = sys.stderr.isatty()
    renderer: Any = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(_json)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_first_line, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # Below a warning, libraries tell what passes through them. Our own records do not come this way.
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))
    warnings.showwarning = _on_python_warning
    sys.excepthook = _on_uncaught
    sys.unraisablehook = _on_unraisable
    threading.excepthook = _on_uncaught_in_thread
    structlog.configure(
        # Our own records go straight to the stream: the way through the standard library takes three times as long.
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _json(record: Record, **_options: Any) -> str:
    return orjson.dumps(record, default=_type_only, option=orjson.OPT_NON_STR_KEYS).decode()


def _type_only(value: object) -> str:
    """What an object shows of itself may be what people wrote."""
    return f"<{type(value).__name__}>"


def _with_service(service: str) -> Any:
    def processor(_logger: object, _method: str, record: Record) -> Record:
        record["service"] = service
        return record

    return processor


def _first_line(_logger: object, _method: str, record: Record) -> Record:
    """Of what libraries log, keep the first line, and of asyncio's own reports nothing that stands in brackets.

    asyncio tells of lost exceptions with their texts in the lines after, and of callbacks with their arguments.
    """
    text = str(record["event"]).strip().partition("\n")[0][:FOREIGN_CHARACTERS_MAX]
    text = _WITH_AT.sub(HIDDEN, text)
    record["event"] = text.partition("(")[0] if record["_record"].name == "asyncio" else text
    return record


def _known_fields(_logger: object, _method: str, record: Record) -> Record:
    for name, value in record.items():
        # What structlog itself needs on the way begins with a line, and is taken out before anything is written.
        known = name in FIELDS or name.startswith("_")
        if not known or (isinstance(value, str) and "@" in value and not _ID_AT_DOMAIN.fullmatch(value)):
            record[name] = HIDDEN if name != "event" else _WITH_AT.sub(HIDDEN, str(value))
        elif isinstance(value, BaseException):
            record[name] = _type_only(value)
    return record


def _on_python_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object, **_more: object
) -> None:
    """Its text may quote a value (those of pydantic do), so only its kind and place are told."""
    del message
    place = f"{filename.rsplit('/', 1)[-1]}:{lineno}"
    structlog.get_logger(__name__).warning("python-warning", category=category.__name__, place=place)


def _on_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger(__name__).critical("uncaught", exc_info=(kind, error, trace))


def _on_uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        _on_uncaught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)


def _on_unraisable(arguments: "sys.UnraisableHookArgs") -> None:
    if arguments.exc_value is not None:
        _on_uncaught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)


def _without_texts(_logger: object, _method: str, record: Record) -> Record:
    """Replace an exception by its type and places: its text, and local variables, may hold what people wrote."""
    exception = record.pop("exc_info", None)
    if exception is True:
        exception = sys.exc_info()
    if isinstance(exception, BaseException):
        exception = (type(exception), exception, exception.__traceback__)
    if exception and exception[0]:
        places = []
        trace = exception[2]
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        record["exception"] = exception[0].__name__
        record["places"] = places
    return record
