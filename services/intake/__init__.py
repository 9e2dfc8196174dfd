"""Intake: takes applications in, and answers from calendars."""
