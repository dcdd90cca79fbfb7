"""Stream records and schedule ticks."""
