"""The local run of the API, the table's stream and the schedules on one machine, which is never deployed."""
