"""`python -m deploy.compose.mail_certificate`: a certificate for the demo's mail server, since mail is never sent unprotected.

Makes one only where the settings name its authority, in a folder that only the mail server and the notifier see.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FOLDER = Path("/var/lib/forloeb/mail-tls")
HOST = "mailpit"
VALID_FOR = timedelta(days=365)
RENEWED_BEFORE = timedelta(days=30)
KEY_MODE = 0o600

_Pair = tuple[ec.EllipticCurvePrivateKey, x509.Certificate]


def ensure_certificate(folder: Path, *, now: datetime) -> bool:
    """Write `ca.pem`, `cert.pem` and `key.pem`, unless they are there for a good while yet. Answers whether it did.

    The authority's own key is thrown away: it signs one server only.
    """
    authority_file, certificate_file, key_file = (folder / name for name in ("ca.pem", "cert.pem", "key.pem"))
    if authority_file.exists() and certificate_file.exists() and key_file.exists():
        known = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        if known.not_valid_after_utc - now > RENEWED_BEFORE:
            return False
    authority = _authority(now)
    key, certificate = _server(authority, now)
    key_file.touch(mode=KEY_MODE)
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    authority_file.write_bytes(authority[1].public_bytes(serialization.Encoding.PEM))
    return True


def wanted(environment: Mapping[str, str]) -> bool:
    """Whether the mail server is the demo's."""
    return environment.get("FORLOEB_SMTP_CA_FILE", "").startswith(f"{FOLDER}/")


def _authority(now: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Forloeb demo mail authority")
    builder = (
        _builder(name, name, key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return key, builder.sign(key, hashes.SHA256())


def _server(authority: _Pair, now: datetime) -> _Pair:
    signer, issuer = authority
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        _builder(_name(HOST), issuer.subject, key, now)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
    )
    return key, builder.sign(signer, hashes.SHA256())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def main() -> None:
    if wanted(os.environ):
        ensure_certificate(FOLDER, now=datetime.now(UTC))


if __name__ == "__main__":
    main()
