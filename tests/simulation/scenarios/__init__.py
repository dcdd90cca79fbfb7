"""Initial states, operations and faults of a run."""
