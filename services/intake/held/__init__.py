"""Answers that would make the system act and that our mail server does not vouch for: the invited person is asked first."""
