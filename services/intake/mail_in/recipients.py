"""Which addresses take mail: the programme's mailbox for invites, plain or with a token that was signed here. Pure."""

from dataclasses import dataclass

from services.intake.mail_in.mail import PLAIN
from shared.address_token import random_half, token_in, verify_token


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """`key` is that of the purpose REPLY_ADDRESS; `mailbox` and `domain` are the programme's, in lower case."""

    mailbox: str
    domain: str
    key: bytes

    def find(self, address: str) -> str | None:
        """What stands for this recipient: the random half of a token, or PLAIN. None: nobody here has this address."""
        local_part, _, domain = address.lower().rpartition("@")
        mailbox, plus, _ = local_part.partition("+")
        if domain != self.domain or mailbox != self.mailbox:
            return None
        if not plus:
            return PLAIN
        token = token_in(address)
        return random_half(token) if token is not None and verify_token(token, key=self.key) else None
