"""What mails say: one template per kind, with English texts, and the catalogue with the Danish ones."""
