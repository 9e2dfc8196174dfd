"""Which browser a request of the form comes from, by the one cookie of the form."""

import os

from fastapi import Request, Response

from services.intake.form.draft import SECRET_BYTES, Browser, is_secret, new_secret
from services.intake.parts import Parts
from shared.web.cookies import read_cookie, set_cookie

COOKIE = "forloeb_form"


def browser_of(request: Request, parts: Parts) -> Browser | None:
    """The browser, if it sent a cookie of ours."""
    secret = read_cookie(request, COOKIE, public_url=parts.signer.public_url)
    return Browser(secret, parts.draft_key) if secret and is_secret(secret) else None


def new_browser(parts: Parts) -> Browser:
    return Browser(new_secret(os.urandom(SECRET_BYTES)), parts.draft_key)


def remember(response: Response, browser: Browser, parts: Parts) -> None:
    """Give the browser its cookie. It goes when the browser is closed: others may use the machine after."""
    set_cookie(response, COOKIE, browser.secret, public_url=parts.signer.public_url)
