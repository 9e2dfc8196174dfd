"""The coordinators' pages: courses in each state, what is behind each of them, and what staff can do about it."""
