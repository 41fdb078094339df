"""What the centre is: the scenario file, its calendar, its volumes and its staff."""
