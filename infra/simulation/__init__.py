"""A deployment on simulated time, with the deployed services, an in-memory table and one random seed."""
