"""The pages around the form: personal data, accessibility, what happens after applying, the API for programs."""
