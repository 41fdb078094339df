"""What every file of csim is made of: YAML with places, durations, shares, names."""
