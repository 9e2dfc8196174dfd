"""The public form: an application in steps, kept as typed until it is sent, on the same model as the endpoint."""
