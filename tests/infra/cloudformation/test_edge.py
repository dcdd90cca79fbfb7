"""The template of the stack of the edge."""

from infra.cloudformation.edge import edge_template
from tests.infra.cloudformation.expected_firewall import EDGE


def test_the_edge_has_a_firewall_and_a_certificate_that_the_hosted_zone_validates() -> None:
    assert edge_template() == EDGE
