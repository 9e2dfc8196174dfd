"""What coordinators see of mails, and what they do about them: pages, the same for programs, and commands."""
