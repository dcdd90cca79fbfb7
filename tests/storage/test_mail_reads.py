"""Tests of the reads of notice settings, sent mails and addresses."""

from datetime import timedelta

from chalicelib.domain.decisions.write_set import DocumentChange, WriteSet
from chalicelib.domain.model.mail_records import AddressRecord, SentMail
from chalicelib.domain.model.notices import NoticeSettings
from chalicelib.storage import mail_reads
from chalicelib.storage.transactions import commit
from tests.harness import World

DIGEST = "d" * 64


def test_without_an_item_the_defaults_are_read(world: World) -> None:
    assert mail_reads.settings(world.table, "ada") == NoticeSettings(member_id="ada")
    assert mail_reads.member_and_settings(world.table, "ada") == (None, NoticeSettings(member_id="ada"))
    assert mail_reads.address_record(world.table, DIGEST) == AddressRecord(digest=DIGEST)
    assert mail_reads.sent_mail(world.table, "ada", "one") is None


def test_stored_documents_are_read_as_they_were_written(world: World) -> None:
    now = world.now
    written = (
        NoticeSettings(version=1, member_id="ada", address="ada@example.org", verified=True, counted_on=now.date()),
        AddressRecord(version=1, digest=DIGEST, refused_at=now, expires=now + timedelta(days=1)),
        SentMail(version=1, member_id="ada", mail_id="one", claimed_at=now, sent_at=now, expires=now),
    )
    changes = WriteSet(documents=tuple(DocumentChange(None, document) for document in written))
    commit(world.table, changes, token=world.context.token(26), now=now)
    found = (
        mail_reads.member_and_settings(world.table, "ada")[1],
        mail_reads.address_record(world.table, DIGEST),
        mail_reads.sent_mail(world.table, "ada", "one"),
    )
    assert found == written
    assert mail_reads.settings(world.table, "ada") == written[0]
    world.clear()
