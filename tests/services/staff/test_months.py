"""Lists by month, read newest first."""

from datetime import date

from chalicelib.domain.model.staff_line import StaffAct, StaffLine
from chalicelib.services.staff.months import MONTHS_PER_PAGE, read_months
from tests.harness import MONDAY, World

TODAY = date(2026, 3, 20)


def line(number: int) -> StaffLine:
    return StaffLine(line_id=f"{number}", at=MONDAY, act=StaffAct.LIFTED, by="sol")


def test_a_list_ends_with_the_month_of_the_oldest(world: World) -> None:
    seen: list[date] = []

    def read(_table: object, month: date, _after: str | None, _most: int) -> list[StaffLine]:
        seen.append(month)
        return [line(month.month)]

    page = read_months(world.table, read, TODAY, after=None, limit=None)
    assert seen == [date(2026, 3, 1), date(2026, 2, 1), date(2026, 1, 1)]
    assert ([one.line_id for one in page.items], page.more_after) == (["3", "2", "1"], None)


def test_a_request_reads_a_bounded_number_of_empty_months_and_goes_on_from_there(world: World) -> None:
    seen: list[date] = []

    def read(_table: object, month: date, _after: str | None, _most: int) -> list[StaffLine]:
        seen.append(month)
        return []

    far = date(2029, 1, 15)
    page = read_months(world.table, read, far, after=None, limit=None)
    assert (page.items, page.more_after) == ([], "2027-01~")
    assert len(seen) == MONTHS_PER_PAGE
    assert read_months(world.table, read, far, after=page.more_after, limit=None).more_after is None
    assert seen[MONTHS_PER_PAGE:] == [date(2027, 1, 1), *(date(2026, month, 1) for month in range(12, 0, -1))]


def test_a_page_has_at_most_fifty_entries(world: World) -> None:
    def read(_table: object, _month: date, _after: str | None, most: int) -> list[StaffLine]:
        return [line(number) for number in range(most)]

    sizes = [len(read_months(world.table, read, TODAY, after=None, limit=limit).items) for limit in (None, 1000, 3)]
    assert sizes == [50, 50, 3]
