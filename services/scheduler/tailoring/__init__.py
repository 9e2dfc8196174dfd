"""Changing the plan of one booked course: meetings dropped, added, joined, made longer, or held elsewhere."""
