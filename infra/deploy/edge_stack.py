"""The stack of the edge, whose firewall and certificate the distribution uses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from infra.cloudformation.edge import CERTIFICATE_ARN, EDGE_PARAMETERS, FIREWALL_ARN, edge_template
from infra.cloudformation.parameters import PARAMETERS
from infra.deploy.cloud_stack import CloudStack

OFF = {"Firewall": "off", "WebDomainName": "", "HostedZoneId": ""}


@dataclass(frozen=True)
class EdgeStack:
    """The stack of the edge beside that of a stage.

    CloudFront must know a firewall before it uses it, and must not use it any more before it is deleted. So the stack
    changes before and after that of the stage.
    """

    stack: CloudStack

    def prepare(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Make what the distribution will use. Return the parameters of the main stack that name it."""
        wanted, now = _wanted(settings), self.stack.parameters()
        before = self.stack.outputs()
        if now is not None:
            # What is still in use stays until the end.
            kept = {name: now[name] for name in ("WebDomainName", "HostedZoneId")}
            firewall = "on" if "on" in (wanted["Firewall"], now["Firewall"]) else "off"
            self._change({**(wanted if wanted["WebDomainName"] else {**wanted, **kept}), "Firewall": firewall})
        elif _is_needed(wanted):
            self._change(wanted)
        outputs = self.stack.outputs()
        named = {FIREWALL_ARN: outputs.get(FIREWALL_ARN, "") if wanted["Firewall"] == "on" else ""}
        if wanted["WebDomainName"]:
            return {**named, CERTIFICATE_ARN: outputs[CERTIFICATE_ARN]}
        # The certificate of a name that the app no longer has is deleted at the end.
        made = before.get(CERTIFICATE_ARN)
        return {**named, CERTIFICATE_ARN: ""} if made and settings.get(CERTIFICATE_ARN) == made else named

    def finish(self, settings: Mapping[str, str]) -> None:
        """Delete what the distribution no longer uses."""
        wanted, now = _wanted(settings), self.stack.parameters()
        if now is None or {name: now[name] for name in wanted} == wanted:
            return
        if _is_needed(wanted):
            self._change(wanted)
        else:
            self.stack.delete()

    def destroy(self) -> bool:
        """Delete the stack and return whether there was one."""
        exists = self.stack.parameters() is not None
        if exists:
            self.stack.delete()
        return exists

    def _change(self, parameters: Mapping[str, str]) -> None:
        template = json.dumps(edge_template())
        given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
        self.stack.change({"TemplateBody": template}, given)


def _wanted(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of the stack for the settings of a stage."""
    every = {name: str(parameter.default) for name, parameter in PARAMETERS.items()} | dict(settings)
    wanted = {name: every[name] for name in EDGE_PARAMETERS}
    if every["WebApp"] == "off":
        return wanted | OFF
    # Without a zone the operator brings the certificate, and without a name a zone has no use.
    own = wanted["WebDomainName"] and wanted["HostedZoneId"]
    return wanted if own else wanted | {"WebDomainName": "", "HostedZoneId": ""}


def _is_needed(wanted: Mapping[str, str]) -> bool:
    return wanted["Firewall"] == "on" or wanted["WebDomainName"] != ""
