"""The claim keys of a course, sorted out by whom they hold. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.scheduler.grains import instant_of, parse_capacity_key, parse_claim_key

Held = dict[str, list[str]]
"""Claim keys by consultant, half hours and places alike."""


def by_consultant(claims: Iterable[str]) -> Held:
    """The keys of each consultant that a course holds, in their order."""
    held: Held = {}
    for key in claims:
        held.setdefault(holder(key), []).append(key)
    return held


def holder(key: str) -> str:
    """Whose half hour or place a key stands for."""
    return parse_claim_key(key)[0] if "|" in key else parse_capacity_key(key)[0]


def all_keys(held: Mapping[str, Iterable[str]]) -> list[str]:
    """The keys of everybody, as a document holds them."""
    return [key for keys in held.values() for key in keys]


def before(claims: Iterable[str], instant: datetime) -> list[str]:
    """Those of the half hours that begin before an instant."""
    return [key for key in claims if "|" in key and instant_of(parse_claim_key(key)[1]) < instant]


def place_of(claims: Iterable[str], consultant_id: str) -> int | None:
    """Which of a consultant's places for an active course is among the keys."""
    places = (parse_capacity_key(key) for key in claims if "|" not in key)
    return next((place for who, place in places if who == consultant_id), None)
