"""The pages behind the links in mails: where an application stands, and what its contacts can do about it."""
