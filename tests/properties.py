"""The profile of hypothesis for all tests, and its decorators under that profile."""

from hypothesis import HealthCheck, given, settings

__all__ = ["given", "settings"]

# The time of an example depends on the machine, not on the code.
settings.register_profile("lockstep", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lockstep")
