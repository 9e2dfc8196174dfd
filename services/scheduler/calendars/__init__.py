"""Consultants' own calendars: fetched in the background, read apart from the service, and kept as busy half hours only."""
