"""Mails that came back: what becomes of the message, and who hears of it."""
