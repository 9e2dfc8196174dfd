"""Mails as people get them, made from samples: to look at, to try an organisation's own words, and for the tests."""
