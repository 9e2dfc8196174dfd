"""Mail that came back: reports of mail servers about our own mails, read and told."""
