"""The stack of the edge beside that of a stage, which changes before and after it."""

import uuid
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from infra.cloudformation.edge import REGION as EDGE_REGION
from infra.deploy.cloud_stack import CloudStack
from infra.deploy.edge_stack import EdgeStack
from infra.local_stack.engine import StackEngine
from infra.local_stack.stack import EngineSession

# Deploys stacks.
pytestmark = pytest.mark.long

NAME, OTHER = "app.example.com", "work.example.com"


@pytest.fixture(scope="module")
def session() -> Iterator[EngineSession]:
    """Clients of an engine with all services of a stack."""
    with StackEngine() as engine:
        yield EngineSession(engine.url, "eu-central-1")


@pytest.fixture(scope="module")
def zone(session: EngineSession) -> str:
    """A hosted zone of the account."""
    made = session.client("route53").create_hosted_zone(Name="example.com", CallerReference="one")
    return str(made["HostedZone"]["Id"].removeprefix("/hostedzone/"))


class Edge(NamedTuple):
    """The edge of a stage in the engine, with the parameters that the stage has."""

    session: EngineSession
    stack: EdgeStack

    def firewalls(self) -> list[str]:
        """Return the firewalls of the edge."""
        found = self.session.client("wafv2", EDGE_REGION).list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
        return [each["ARN"] for each in found if each["Name"].startswith(self.stack.stack.name)]

    def certificate(self, arn: str) -> str:
        """Return the name of a certificate."""
        found = self.session.client("acm", EDGE_REGION).describe_certificate(CertificateArn=arn)
        return str(found["Certificate"]["DomainName"])


@pytest.fixture
def edge(session: EngineSession) -> Edge:
    client = session.client("cloudformation", EDGE_REGION)
    name = f"lockstep-{uuid.uuid4().hex[:8]}-edge"
    return Edge(session, EdgeStack(CloudStack(name, client, lambda _line: None)))


def test_a_firewall_is_the_default(edge: Edge) -> None:
    named = edge.stack.prepare({})
    edge.stack.finish({})
    assert edge.firewalls() == [named["WebFirewallArn"]]
    assert named.keys() == {"WebFirewallArn"}


def test_a_firewall_is_deleted_after_the_distribution_has_given_it_up(edge: Edge) -> None:
    made = edge.stack.prepare({})
    off = {"Firewall": "off"}
    assert edge.stack.prepare(off) == {"WebFirewallArn": ""}
    # The stage still uses it.
    assert edge.firewalls() == [made["WebFirewallArn"]]
    edge.stack.finish(off)
    assert edge.firewalls() == []
    assert edge.stack.stack.parameters() is None


@pytest.mark.parametrize(
    "settings", [{"Firewall": "off"}, {"WebApp": "off"}, {"Firewall": "off", "WebDomainName": NAME}]
)
def test_nothing_is_made_that_the_distribution_does_not_use(edge: Edge, settings: dict[str, str]) -> None:
    assert edge.stack.prepare(settings) == {"WebFirewallArn": ""}
    edge.stack.finish(settings)
    assert edge.stack.stack.parameters() is None


def test_a_domain_name_in_a_zone_of_the_account_has_a_certificate(edge: Edge, zone: str) -> None:
    own = {"Firewall": "off", "WebDomainName": NAME, "HostedZoneId": zone}
    named = edge.stack.prepare(own)
    edge.stack.finish(own)
    assert edge.certificate(named["WebCertificateArn"]) == NAME
    assert edge.firewalls() == []
    # A further deployment keeps it.
    assert edge.stack.prepare({**own, **named}) == named


def test_a_domain_name_can_be_changed_and_given_up(edge: Edge, zone: str) -> None:
    own = {"WebDomainName": NAME, "HostedZoneId": zone}
    named = edge.stack.prepare(own)
    edge.stack.finish(own)
    other = {**own, "WebDomainName": OTHER, **named}
    changed = edge.stack.prepare(other)
    assert edge.certificate(changed["WebCertificateArn"]) == OTHER
    # The distribution still uses the certificate before.
    assert edge.certificate(named["WebCertificateArn"]) == NAME
    none = {**other, **changed, "WebDomainName": ""}
    assert edge.stack.prepare(none) == {"WebFirewallArn": named["WebFirewallArn"], "WebCertificateArn": ""}
    assert edge.certificate(changed["WebCertificateArn"]) == OTHER
    edge.stack.finish(none)
    assert edge.stack.stack.outputs().keys() == {"WebFirewallArn"}


def test_a_certificate_of_the_operator_is_left_alone(edge: Edge) -> None:
    brought = {"WebDomainName": NAME, "WebCertificateArn": "arn:aws:acm:us-east-1:1:certificate/brought"}
    assert edge.stack.prepare(brought).keys() == {"WebFirewallArn"}


def test_a_rate_of_the_settings_reaches_the_firewall(edge: Edge) -> None:
    edge.stack.prepare({"FirewallRate": "5000"})
    client = edge.session.client("wafv2", EDGE_REGION)
    (found,) = [
        each
        for each in client.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
        if each["Name"].startswith(edge.stack.stack.name)
    ]
    rules = client.get_web_acl(Name=found["Name"], Id=found["Id"], Scope="CLOUDFRONT")["WebACL"]["Rules"]
    # The engine keeps a number of a parameter as a text, and AWS does not.
    assert int(rules[0]["Statement"]["RateBasedStatement"]["Limit"]) == 5000
