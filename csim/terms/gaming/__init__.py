"""What a vendor gains who serves the measure instead of the customer, and what closes it."""
