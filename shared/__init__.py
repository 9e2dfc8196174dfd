"""What the services must agree on."""
