"""Answers `/<name>/readyz` for services that do not run, as a test wants them to be."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answers = dict[str, Mapping[str, str]]


@contextmanager
def readyz_server(answers: Answers) -> Iterator[str]:
    """The address that a service's name is put behind. `answers` holds the checks by name, and may be changed at any time."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            checks = answers.get(self.path.split("/")[1], {})
            ready = all(state == "ok" for state in checks.values())
            body = json.dumps({"ready": ready, "checks": checks}).encode()
            self.send_response(200 if ready else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
