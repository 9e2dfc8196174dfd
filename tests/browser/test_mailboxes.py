"""The mailboxes of the embedded stack can be looked into with a browser."""

import smtplib
from email.message import EmailMessage
from urllib.parse import urlsplit

from playwright.async_api import Page, expect

from tests.embedded import Embedded


async def test_a_delivered_mail_is_listed_on_the_mail_page(page: Page, stack: Embedded) -> None:
    """The address that the demo prints shows what came, for the mailbox that one picks."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "sender@example.dk", "reader@example.dk", "Et møde til jer"
    mail.set_content("Kære læser")
    parts = urlsplit(stack.smtp)
    with smtplib.SMTP(parts.hostname or "", parts.port or 0) as client:
        client.send_message(mail)
    await page.goto(stack.mail_web)
    await page.locator("#accounts").select_option("reader@example.dk")
    await expect(page.get_by_text("Et møde til jer").first).to_be_visible()
