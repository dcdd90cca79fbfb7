"""A line of the log of staff holds ids and a reason, and nothing else of a member (R47)."""

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.staff_line import StaffLine


def test_r47_a_line_has_no_field_for_a_name_a_text_or_a_picture_of_a_member() -> None:
    own = set(StaffLine.__struct_fields__) - set(Document.__struct_fields__)
    assert own == {"line_id", "at", "act", "by", "user_id", "reason"}
