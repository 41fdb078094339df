"""What chance brings: named streams, distributions, arrivals, and the workload drawn from them."""
