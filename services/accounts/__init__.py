"""The commands `forloeb staff`: who may log in, in which role."""
