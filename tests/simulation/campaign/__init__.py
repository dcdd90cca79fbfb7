"""Long runs over many schedules."""
