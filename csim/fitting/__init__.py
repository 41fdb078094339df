"""What real logs say: arrivals, handle times, censored patience, and how far to trust them."""
