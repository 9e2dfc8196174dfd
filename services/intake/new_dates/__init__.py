"""The contacts ask which other times a meeting could have, and choose among those that are held for them."""
