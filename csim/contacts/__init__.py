"""What was recorded: the columns of a contact log, the states of agents, and how csim's own logs are read."""
