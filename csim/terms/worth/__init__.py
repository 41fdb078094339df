"""The same days at every level of a lever, and what a contract makes of each."""
