"""What is measured: one catalogue of KPIs, as ratios of sums over the contact log and the agent states."""
