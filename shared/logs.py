"""Logging: one JSON object a line outside a terminal, ids and codes only, tracebacks without texts and local variables."""

import logging
import sys
import threading
from types import TracebackType
from typing import Any

import orjson
import structlog

Record = structlog.typing.EventDict
FOREIGN_CHARACTERS_MAX = 300
NOISY = ("aiokafka", "faststream", "pymongo", "asyncio", "uvicorn", "httpx2", "httpcore2")


def configure(*, service: str, level: str = "info") -> None:
    """Set up structlog and let the standard library's loggers end in the same stream (stderr)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_service(service),
        _without_texts,
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
    root.setLevel(level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
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
    record["event"] = text.partition("(")[0] if record["_record"].name == "asyncio" else text
    return record


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
