"""A suspension holds for an account, for a former account, and for each who would meet it (R47)."""

from chalicelib.domain.model.member import Profile, Tombstone, is_suspended
from chalicelib.domain.model.suspension import Suspension
from tests.harness import MONDAY

SUSPENSION = Suspension(MONDAY, "Threats in a session.", "staff")


def test_r47_a_profile_and_a_tombstone_can_be_suspended_and_an_unknown_account_is_not() -> None:
    profile = Profile("ada", "Ada", "UTC", MONDAY, "revision", suspension=SUSPENSION)
    tombstone = Tombstone("ada", MONDAY, "revision", suspension=SUSPENSION)
    assert [is_suspended(account) for account in (profile, tombstone, None)] == [True, True, False]
    assert not is_suspended(Profile("ada", "Ada", "UTC", MONDAY, "revision"))
