"""A deployment on simulated time: the unmodified services over a table in memory, everything drawn from one seed."""
