"""Notifier: writes the e-mails and sends them."""
