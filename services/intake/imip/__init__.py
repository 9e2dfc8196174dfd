"""Calendar answers that come by mail (RFC 6047): what a mail says, and whether it may count."""
