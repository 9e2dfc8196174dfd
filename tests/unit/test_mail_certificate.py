"""The certificate of the demo's mail server."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.compose.mail_certificate import FOLDER, HOST, VALID_FOR, ensure_certificate, wanted

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def handshake(folder: Path, host: str) -> None:
    """TLS between a server with the certificate and a client that trusts the authority, without a socket."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    client = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(6):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert sides[0].version() is not None


def test_the_notifier_can_verify_the_mail_server_by_its_authority(tmp_path: Path) -> None:
    """Strictly, as newer Pythons do by themselves."""
    ensure_certificate(tmp_path, now=datetime.now(UTC))
    handshake(tmp_path, HOST)
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0


def test_a_certificate_is_kept_until_shortly_before_its_end(tmp_path: Path) -> None:
    """A new one at every start would part the mail server from a notifier that still trusts the old one."""
    assert ensure_certificate(tmp_path, now=NOW)
    assert not ensure_certificate(tmp_path, now=NOW + timedelta(days=300))
    assert ensure_certificate(tmp_path, now=NOW + VALID_FOR - timedelta(days=10))


def test_only_the_demo_gets_one() -> None:
    """Elsewhere the mail server has its own."""
    assert wanted({"FORLOEB_SMTP_CA_FILE": f"{FOLDER}/ca.pem"})
    assert not wanted({"FORLOEB_SMTP_CA_FILE": "/etc/ssl/mail.pem"})
    assert not wanted({})
