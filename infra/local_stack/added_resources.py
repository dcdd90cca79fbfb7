"""The resources of the template that the embedded engine has, but its CloudFormation lacks.

They are the budget and the association of a firewall with the API. This module adds them with private names of the
engine. The engine sends no warning of a budget, and its firewall refuses no request.
"""

import json
from collections.abc import Callable
from typing import Any

Properties = dict[str, Any]
Made = tuple[str, dict[str, str]]


def install() -> None:
    """Add the resources to the engine's CloudFormation."""
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.services.cloudformation import provisioners

    provisioners._RESOURCE_HANDLERS["AWS::Budgets::Budget"] = {
        "create": _create_budget,
        "update": _update_budget,
        "delete": _delete_budget,
    }
    provisioners._RESOURCE_HANDLERS["AWS::WAFv2::WebACLAssociation"] = {"create": _associate, "delete": _disassociate}


def _create_budget(_logical_id: str, properties: Properties, _stack: str) -> Made:
    from ministack.services import budgets

    budget = properties["Budget"]
    # A parameter of the type Number stays a text in the engine, as in AWS.
    limit = {**budget["BudgetLimit"], "Amount": str(budget["BudgetLimit"]["Amount"])}
    _call(budgets._create_budget, {**properties, "Budget": {**budget, "BudgetLimit": limit}})
    return budget["BudgetName"], {}


def _update_budget(identifier: str, before: Properties, after: Properties, stack: str) -> Made:
    _delete_budget(identifier, before)
    return _create_budget("", after, stack)


def _delete_budget(identifier: str, _properties: Properties) -> None:
    from ministack.services import budgets

    _call(budgets._delete_budget, {"BudgetName": identifier})


def _associate(_logical_id: str, properties: Properties, _stack: str) -> Made:
    from ministack.services import waf

    _call(waf._associate_web_acl, properties)
    return f"{properties['WebACLArn']}|{properties['ResourceArn']}", {}


def _disassociate(_identifier: str, properties: Properties) -> None:
    from ministack.services import waf

    _call(waf._disassociate_web_acl, properties)


def _call(operation: Callable[[Properties], Any], request: Properties) -> None:
    """Call an operation of the engine. Raises ValueError with its refusal."""
    status, _, body = operation(request)
    if status != 200:
        raise ValueError(json.loads(body))
