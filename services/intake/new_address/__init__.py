"""A contact's new mail address: given by the contact, by another one while mails do not arrive, or by staff."""
