"""Mails that go out at their time: what a course gives, when each is due, and what may still hold one up."""
