"""Initial states, operations and faults of a play."""
