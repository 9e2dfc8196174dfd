"""Mails that nobody could be found for, or that need a second look: what staff see of them, and what they make of them."""
