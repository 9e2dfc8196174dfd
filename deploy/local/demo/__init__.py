"""The demo: a whole system from nothing, with people who apply, and a look into their mailboxes."""
