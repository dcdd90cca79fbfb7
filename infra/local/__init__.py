"""Everything on one machine: the API, the table's stream and the schedules; never shipped to Lambda."""
