"""Two logs of the same month, contact by contact: what differs, and what it is worth."""
