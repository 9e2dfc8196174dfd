"""What the public pages take from npm, put beside the Python environment."""
