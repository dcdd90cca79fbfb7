"""DynamoDB in memory, for one thread on simulated time."""
