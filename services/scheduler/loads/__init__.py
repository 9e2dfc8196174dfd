"""How much of each consultant's time courses take, month by month, and how evenly: now, ahead, and as it was."""
