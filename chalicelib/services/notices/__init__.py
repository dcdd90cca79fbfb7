"""Events, the channels through which they reach members, and the members' settings of them (R42, R43)."""
