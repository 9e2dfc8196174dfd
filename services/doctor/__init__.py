"""Doctor: looks at everything that the services need, and says what to do about what is wrong."""
