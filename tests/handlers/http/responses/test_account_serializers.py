"""Tests of the conversion of invite links, API keys and data exports."""

from chalicelib.domain.model.api_key import Scope
from chalicelib.handlers.http.responses import account_serializers
from chalicelib.services.members.export import export_account
from chalicelib.services.members.invite_links import view_invite
from tests.harness import World, at


def test_r35_a_new_key_has_its_text_and_a_listed_key_its_last_use(world: World) -> None:
    made = world.api_key(world.member("Ada"), Scope.READ)
    assert account_serializers.new_api_key(made).key == made.text
    assert account_serializers.api_key(made.key).last_used is None


def test_r27_the_values_of_the_invite_page_are_grouped_by_utc_day(world: World) -> None:
    ada = world.member("Ada")
    for slot in (at(1), at(3), at(25)):
        world.book(ada, slot)
    values = account_serializers.invite_page(view_invite(world.context, world.invite(ada)), "en")
    assert [(day, slots) for day, slots in values["days"]] == [
        ("Monday 2 March", [at(1), at(3)]),
        ("Tuesday 3 March", [at(25)]),
    ]
    assert (values["name"], values["photo_url"]) == ("Ada", None)


def test_r33_an_export_has_the_preferences_relations_links_and_keys_of_the_member(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, at(1), prefer=ben)
    world.favorite(ada, ben)
    world.invite(ada, max_uses=2)
    world.api_key(ada, Scope.WRITE)
    export = account_serializers.export(export_account(world.context, ada))
    assert [session.preferred_partner_id for session in export.sessions] == [ben.member_id]
    assert [(person.name, person.favorite, person.blocked) for person in export.people] == [("Ben", True, False)]
    assert [(link.max_uses, link.made_at) for link in export.invite_links] == [(2, "2026-03-02T08:00:00+00:00")]
    assert [(key.name, key.scope) for key in export.api_keys] == [("A script", Scope.WRITE)]
