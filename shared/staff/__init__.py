"""Staff: their accounts, their log-in, and what each of them may open; the same in every service."""
