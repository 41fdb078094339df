"""What is owed: from measured KPIs to a statement."""
