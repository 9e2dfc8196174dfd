"""A consultant's meetings as a calendar that her own calendar program subscribes to."""
