"""Where this month heads: month to date, and alerts."""
