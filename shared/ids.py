"""Identifiers: time-ordered ones for events, derived ones for things that must come out the same when done twice."""

import uuid
from datetime import datetime

NAMESPACE = uuid.UUID("4f2b6f2e-3c56-4c0f-9d0f-6a6d1f0f5a11")


def uuid7(now: datetime, random: bytes) -> str:
    """A UUID version 7 (RFC 9562 5.7): 48 bits of Unix milliseconds, then 74 of the 80 random bits given."""
    milliseconds = int(now.timestamp() * 1000)
    value = (milliseconds << 80) | int.from_bytes(random[:10], "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=value))


def derived(*parts: str) -> str:
    """A UUID version 5 of the parts: the same parts, the same id, in every process and at every retry."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))
