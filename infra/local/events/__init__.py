"""The event sources of the local run, which are the table's stream and the schedules."""
