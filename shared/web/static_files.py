"""Files whose address changes with their content: browsers keep them for a year; text is sent compressed."""

from pathlib import Path
from typing import Any, Final

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

KEPT: Final = "public, max-age=31536000, immutable"
COMPRESSED_BYTES_MIN: Final = 1000
COMPRESSION_LEVEL: Final = 6


class _Immutable(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = KEPT
        return response


class KeptFiles(GZipMiddleware):
    """The files of one folder as an application to mount."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            _Immutable(directory=folder), minimum_size=COMPRESSED_BYTES_MIN, compresslevel=COMPRESSION_LEVEL
        )
