"""The embedded stack: everything from Python wheels, on this machine only."""
