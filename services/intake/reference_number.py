"""Reference numbers that people can read out on the phone, e.g. SPARK-7K4M-2QX9."""

from typing import Final

ALPHABET: Final = "23456789CDFGHJKMPQRTVWX"
"""No vowels, so no words by chance; and of 0/O, 1/I/L, 2/Z, 5/S, 8/B, M/N at most the first of each."""
RANDOM_BYTES_MIN: Final = 8
_BASE: Final = len(ALPHABET)
_DIGITS: Final = 7
_GROUP: Final = 4


def reference_number(prefix: str, random_bytes: bytes) -> str:
    """Return the reference number for these random bytes (8 or more): seven characters and a check character.

    There are 3.4 billion, so the store must still refuse one that is taken. It is no secret and opens nothing.
    """
    if len(random_bytes) < RANDOM_BYTES_MIN:
        raise ValueError(f"a reference number needs {RANDOM_BYTES_MIN} random bytes")
    number = int.from_bytes(random_bytes, "big")
    digits = [number // _BASE**place % _BASE for place in range(_DIGITS)]
    body = "".join(ALPHABET[digit] for digit in [*digits, _check_digit(digits)])
    return f"{prefix}-{body[:_GROUP]}-{body[_GROUP:]}"


def read_reference(prefix: str, typed: str) -> str | None:
    """Return the reference number as it was given out, or None if what a person typed cannot be one.

    Case, spaces and hyphens do not matter. One wrong character, or two neighbours swapped, is always noticed.
    """
    plain = "".join(typed.upper().split()).replace("-", "").removeprefix(prefix)
    if len(plain) != _DIGITS + 1 or not set(plain) <= set(ALPHABET):
        return None
    digits = [ALPHABET.index(character) for character in plain]
    if digits[-1] != _check_digit(digits[:-1]):
        return None
    return f"{prefix}-{plain[:_GROUP]}-{plain[_GROUP:]}"


def _check_digit(digits: list[int]) -> int:
    # Weights that differ and a prime base: every single slip and every swap of two characters changes the sum.
    return sum((place + 2) * digit for place, digit in enumerate(digits)) % _BASE
