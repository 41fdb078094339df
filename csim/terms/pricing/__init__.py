"""What relief is worth, and what a promise should cost."""
