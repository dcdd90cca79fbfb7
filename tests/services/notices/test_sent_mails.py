"""Tests of the claims to send mails."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.domain.decisions.write_set import DocumentChange, WriteSet
from chalicelib.domain.model.mail_records import MAILS_PER_COUNT, MOST_MAILS, AddressRecord, is_counted
from chalicelib.domain.model.mail_tokens import address_digest
from chalicelib.services.notices.notice_settings import NoticesChange, change_notices, mail_recipient, view_notices
from chalicelib.services.notices.sent_mails import Claim, claim_mail, record_sent, release_claim
from chalicelib.storage import mail_reads
from chalicelib.storage.transactions import commit
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import World

ADDRESS = "ada@example.org"


def test_r43_of_two_runs_one_sends_a_mail(world: World) -> None:
    ada = world.member("Ada").member_id
    assert claim_mail(world.context, ada, "one", ADDRESS) is Claim.OURS
    assert claim_mail(world.context, ada, "one", ADDRESS) is Claim.LEASED
    assert claim_mail(world.context, ada, "two", ADDRESS) is Claim.OURS
    record_sent(world.context, ada, "one")
    for _ in range(2):
        assert claim_mail(world.context, ada, "one", ADDRESS) is Claim.SENT
        world.after(hours=1)


def test_r43_a_run_that_ended_without_a_result_leaves_the_mail_to_the_next(world: World) -> None:
    ada = world.member("Ada").member_id
    assert claim_mail(world.context, ada, "one", ADDRESS) is Claim.OURS
    assert claim_mail(world.after(seconds=119).context, ada, "one", ADDRESS) is Claim.LEASED
    assert claim_mail(world.after(seconds=1).context, ada, "one", ADDRESS) is Claim.OURS


@pytest.mark.parametrize("lost", [1, 2])
def test_r43_a_run_whose_response_was_lost_finds_its_own_claim(world: World, faults: FaultProxy, lost: int) -> None:
    ada = world.member("Ada").member_id
    faults.plan += [Fault.LOSE_RESPONSE] * lost
    assert claim_mail(world.context, ada, "one", ADDRESS) is Claim.OURS
    assert faults.plan == []
    assert claim_mail(world.context, ada, "one", ADDRESS) is Claim.LEASED


def test_r43_a_released_claim_is_free_at_once_but_not_that_of_a_sent_mail(world: World) -> None:
    ada = world.member("Ada").member_id
    claim_mail(world.context, ada, "one", ADDRESS)
    release_claim(world.context, ada, "one")
    assert claim_mail(world.context, ada, "one", ADDRESS) is Claim.OURS
    record_sent(world.context, ada, "one")
    release_claim(world.context, ada, "one")
    assert claim_mail(world.context, ada, "one", ADDRESS) is Claim.SENT


def test_a_record_of_an_unclaimed_mail_changes_nothing(world: World) -> None:
    ada = world.member("Ada").member_id
    record_sent(world.context, ada, "one")
    release_claim(world.context, ada, "one")
    assert mail_reads.sent_mail(world.table, ada, "one") is None


@pytest.mark.long  # Threads with a connection each.
def test_r43_of_many_concurrent_runs_one_sends_a_mail(world: World) -> None:
    ada = world.member("Ada").member_id
    with ThreadPoolExecutor(8) as threads:
        claims = list(threads.map(lambda _: claim_mail(world.context, ada, "one", ADDRESS), range(16)))
    assert claims.count(Claim.OURS) == 1


def test_r36_an_address_gets_no_more_mails_on_a_date_than_the_limit(world: World) -> None:
    ada = world.member("Ada").member_id
    change_notices(world.context, ada, NoticesChange(address=ADDRESS, verified_address=ADDRESS))
    digest = address_digest(world.settings.identity_key, ADDRESS)
    # One counted mail below the limit.
    almost = AddressRecord(version=1, digest=digest, mails=MOST_MAILS // MAILS_PER_COUNT, counted_on=world.now.date())
    changes = WriteSet(documents=(DocumentChange(None, almost),))
    commit(world.table, changes, token=world.context.token(26), now=world.now)
    uncounted = next(mail for mail in map(str, range(1000)) if not is_counted(mail))
    (counted, *more) = [mail for mail in map(str, range(1000)) if is_counted(mail)]
    assert 20 < len(more) < 45
    # A mail that is not counted, and the repeated claim of one that is, change no count.
    for mail, claim in ((uncounted, Claim.OURS), (counted, Claim.OURS), (counted, Claim.LEASED)):
        assert (mail, claim_mail(world.context, ada, mail, ADDRESS)) == (mail, claim)
        assert mail_reads.address_record(world.table, digest).mails == almost.mails + (mail == counted)
    assert mail_recipient(world.context, ada) is None
    # The address is not refused, and has room on the next date.
    assert not view_notices(world.context, ada).settings.refused
    assert mail_recipient(world.after(days=1).context, ada) is not None
