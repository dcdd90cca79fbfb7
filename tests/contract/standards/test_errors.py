"""A form sends every field wrong, and a frontend shows the refusal to a person.

`errors` names every invalid input in words for a person, never by the type of a program.
"""

from tests.contract.client import Client
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots


def test_the_refusal_of_a_conflict_has_its_one_input_as_an_error(ada: Client, slots: Slots) -> None:
    """`errors` is present exactly where an input is at fault, for every code."""
    slot = slots.far()
    ada.book(slot)
    response = ada.post("/v1/sessions", slot.body(25))
    check_problem(response, 409, "time_conflict", "startTime")
    assert response.json["errors"] == [{"field": "startTime", "detail": response.json["detail"]}]
    unknown = ada.get("/v1/users/unknown").json
    assert not {"errors", "field"} & unknown.keys()
    assert (unknown["message"], unknown["error"]) == (unknown["detail"], unknown["title"])
