"""Which addresses take mail: the programme's mailbox for invites, plain or with a token, and the return paths of our mails. Pure."""

from dataclasses import dataclass

from services.intake.mail_in.mail import PLAIN, return_path_of_message
from shared.address_token import random_half, token_in, verify_token
from shared.bounce_address import message_of


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """The programme's mailboxes and domain, in lower case. Keys: that of REPLY_ADDRESS, and `bounce_key` that of BOUNCE_ADDRESS."""

    mailbox: str
    bounce_mailbox: str
    domain: str
    key: bytes
    bounce_key: bytes

    def find(self, address: str) -> str | None:
        """What stands for this recipient (see `StoredMail`). None: nobody here has this address.

        Only tokens that were signed here are known, and nothing comes back to the mailbox of return paths without one.
        """
        local_part, _, domain = address.lower().rpartition("@")
        mailbox, plus, _ = local_part.partition("+")
        if domain != self.domain:
            return None
        if mailbox == self.bounce_mailbox:
            message_id = message_of(address, key=self.bounce_key)
            return return_path_of_message(message_id) if message_id is not None else None
        if mailbox != self.mailbox:
            return None
        if not plus:
            return PLAIN
        token = token_in(address)
        return random_half(token) if token is not None and verify_token(token, key=self.key) else None
