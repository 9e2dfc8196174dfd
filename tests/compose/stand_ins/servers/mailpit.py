"""As much of Mailpit as the demo uses: takes mail over STARTTLS, lists what came, gives each mail as it came, says it is ready."""

import json
import os
import signal
import ssl
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

SMTP_PORT, HTTP_PORT = 1025, 8025
MAILS: list[tuple[list[str], bytes]] = []


class Catch:
    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        MAILS.append((envelope.rcpt_tos, envelope.original_content or b""))
        return "250 OK"


class Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        words = parts.path.strip("/").split("/")
        if words == ["readyz"]:
            self._answer(b"ok", "text/plain")
        elif words == ["api", "v1", "messages"]:
            asked = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
            start = asked.get("start", 0)
            newest = list(enumerate(MAILS))[::-1][start : start + asked.get("limit", 50)]
            rows = [{"ID": str(number), "To": [{"Address": one} for one in to]} for number, (to, _) in newest]
            self._answer(json.dumps({"messages": rows, "total": len(MAILS)}).encode(), "application/json")
        elif len(words) == 5 and words[:3] == ["api", "v1", "message"] and words[4] == "raw":
            self._answer(MAILS[int(words[3])][1], "text/plain")
        else:
            self.send_error(404)

    def _answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def serve() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(os.environ["MP_SMTP_TLS_CERT"], os.environ["MP_SMTP_TLS_KEY"])
    required = os.environ.get("MP_SMTP_REQUIRE_STARTTLS") == "true"
    controller = Controller(
        Catch(), hostname="", port=SMTP_PORT, tls_context=context, require_starttls=required, enable_SMTPUTF8=True
    )
    controller.start()
    # Process 1 of a container is ended by no signal that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ThreadingHTTPServer(("", HTTP_PORT), Api).serve_forever()


def ready() -> None:
    """`mailpit readyz`."""
    with urllib.request.urlopen(f"http://127.0.0.1:{HTTP_PORT}/readyz", timeout=5):
        return


if __name__ == "__main__":
    ready() if sys.argv[1:] == ["readyz"] else serve()
