"""The address of a consultant's calendar: it says whose it is, and only the epoch that makes it void is stored. Pure."""

import struct
from dataclasses import dataclass, field
from typing import Final

from shared.signed_token import signed, verified

FEED: Final = "feed"
"""Purpose of the key that signs addresses: no other link's token opens a calendar."""
FEEDS: Final = "/kalender"
"""Every calendar lies below: a proxy passes this on."""
FILE: Final = ".ics"
KEY_NUMBER: Final = 1
"""Which signing key: a second one may join it while keys are changed."""
_HEAD: Final = struct.Struct(">BI")


@dataclass(frozen=True, kw_only=True)
class FeedLink:
    """Whose calendar; `epoch` is that of her entry when the address was made."""

    consultant_id: str
    epoch: int


@dataclass(frozen=True, kw_only=True)
class FeedSigner:
    """Makes and reads the addresses of one programme; `public_url` is where they are reached."""

    key: bytes = field(repr=False)
    programme: str
    public_url: str

    def token(self, link: FeedLink) -> str:
        claims = _HEAD.pack(KEY_NUMBER, link.epoch) + link.consultant_id.encode()
        return signed(claims, key=self.key, programme=self.programme)

    def address(self, link: FeedLink) -> str:
        return f"{self.public_url}{FEEDS}/{self.token(link)}{FILE}"

    def read(self, token: str) -> FeedLink | None:
        """The link that a token stands for, or None: it is not genuine."""
        claims = verified(token, key=self.key, programme=self.programme)
        if claims is None or len(claims) <= _HEAD.size:
            return None
        number, epoch = _HEAD.unpack(claims[: _HEAD.size])
        if number != KEY_NUMBER:
            return None
        return FeedLink(consultant_id=claims[_HEAD.size :].decode(), epoch=epoch)
