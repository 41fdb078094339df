"""How reliably a contract judges: the risks of every clause by cycle, samples, streaks."""
