"""Tests of the claims to send mails."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.services.notices.sent_mails import Claim, claim_mail, record_sent, release_claim
from chalicelib.storage import mail_reads
from tests.harness import World


def test_r43_of_two_runs_one_sends_a_mail(world: World) -> None:
    ada = world.member("Ada").member_id
    assert claim_mail(world.context, ada, "one") is Claim.OURS
    assert claim_mail(world.context, ada, "one") is Claim.LEASED
    assert claim_mail(world.context, ada, "two") is Claim.OURS
    record_sent(world.context, ada, "one")
    for _ in range(2):
        assert claim_mail(world.context, ada, "one") is Claim.SENT
        world.after(hours=1)


def test_r43_a_run_that_ended_without_a_result_leaves_the_mail_to_the_next(world: World) -> None:
    ada = world.member("Ada").member_id
    assert claim_mail(world.context, ada, "one") is Claim.OURS
    assert claim_mail(world.after(seconds=119).context, ada, "one") is Claim.LEASED
    assert claim_mail(world.after(seconds=1).context, ada, "one") is Claim.OURS


def test_r43_a_released_claim_is_free_at_once_but_not_that_of_a_sent_mail(world: World) -> None:
    ada = world.member("Ada").member_id
    claim_mail(world.context, ada, "one")
    release_claim(world.context, ada, "one")
    assert claim_mail(world.context, ada, "one") is Claim.OURS
    record_sent(world.context, ada, "one")
    release_claim(world.context, ada, "one")
    assert claim_mail(world.context, ada, "one") is Claim.SENT


def test_r33_a_deleted_account_gets_no_mail(world: World) -> None:
    ada = world.member("Ada")
    world.begin_to_leave(ada)
    assert claim_mail(world.context, ada.member_id, "one") is Claim.NOT_WANTED
    assert mail_reads.sent_mail(world.table, ada.member_id, "one") is None


def test_a_record_of_an_unclaimed_mail_changes_nothing(world: World) -> None:
    ada = world.member("Ada").member_id
    record_sent(world.context, ada, "one")
    release_claim(world.context, ada, "one")
    assert mail_reads.sent_mail(world.table, ada, "one") is None


@pytest.mark.long  # Threads with a connection each.
def test_r43_of_many_concurrent_runs_one_sends_a_mail(world: World) -> None:
    ada = world.member("Ada").member_id
    with ThreadPoolExecutor(8) as threads:
        claims = list(threads.map(lambda _: claim_mail(world.context, ada, "one"), range(16)))
    assert claims.count(Claim.OURS) == 1
