"""Keys for signing, one per purpose, all from the one secret in the settings: a token of one kind never passes for another."""

import hashlib
import hmac

from pydantic import SecretStr


def purpose_key(secret: SecretStr, purpose: str) -> bytes:
    """32 bytes for this purpose ("status-link", "reply-address", …), from HMAC-SHA-256 of the purpose under the secret."""
    return hmac.new(secret.get_secret_value().encode(), f"forloeb/{purpose}".encode(), hashlib.sha256).digest()
