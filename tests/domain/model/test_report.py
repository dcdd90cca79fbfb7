"""Reports, which a member makes once for each session and member (R47)."""

from chalicelib.domain.model.report import report_id


def test_r47_the_id_of_a_report_differs_with_each_of_its_three_parts() -> None:
    ids = {
        report_id(reporter, booking, reported)
        for reporter in ("ada", "ben")
        for booking in ("one", "two")
        for reported in ("cy", "dee")
    }
    assert len(ids) == 8
    assert report_id("ada", "one", "cy") == report_id("ada", "one", "cy")
    assert {len(one) for one in ids} == {26}
