"""Addresses that take no mail: nothing more is sent to them until there is another one, or staff say so."""
