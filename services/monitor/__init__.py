"""Monitor: lets staff watch the events."""
