"""Scheduler: finds consultants, books whole courses, makes the invites."""
