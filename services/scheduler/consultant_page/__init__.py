"""What a consultant sees and does without an account: the page of one course, opened by the link in her mails."""
