"""Staff see no more of members than they need (R47)."""

from chalicelib.handlers.http.responses import staff_schemas


def test_r47_staff_see_of_members_ids_names_pictures_and_suspensions_only() -> None:
    """A title, an address or a relation would be more than staff need."""
    seen = (staff_schemas.Reporter, staff_schemas.ReportedMember, staff_schemas.FoundMember)
    assert [set(schema.__struct_fields__) for schema in seen] == [
        {"user_id", "name"},
        {"user_id", "name", "suspended"},
        {"user_id", "name", "photo_url", "member_since", "suspension"},
    ]
