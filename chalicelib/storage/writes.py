"""The request that writes the table."""

from collections.abc import Sequence
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.storage.connection import Table
from chalicelib.storage.items import Item
from chalicelib.storage.keys import Key


class Transaction:
    """A transaction on one table, built action by action and then sent.

    PynamoDB's own class sends each item to the table of its model. The models of this product belong to no table.
    """

    def __init__(self, table: Table, token: str) -> None:
        """Start without actions. `token` makes it safe to send the transaction twice."""
        self.table = table
        self.token = token
        self._puts: list[dict[str, Any]] = []
        self._deletes: list[dict[str, Any]] = []
        self._updates: list[dict[str, Any]] = []
        self._checks: list[dict[str, Any]] = []

    def save(self, item: Item, condition: Condition | None = None) -> None:
        """Put the item and replace the one with its key."""
        put = self.table.get_operation_kwargs(
            item.pk, item.sk, key="Item", attributes=item.serialize(), condition=condition
        )
        self._puts.append(put)

    def delete(self, item: Item, condition: Condition | None = None) -> None:
        """Delete the item with the key of this one."""
        self._deletes.append(self.table.get_operation_kwargs(item.pk, item.sk, condition=condition))

    def update(self, item: Item, actions: Sequence[Action], condition: Condition | None = None) -> None:
        """Change some attributes of the item with the key of this one."""
        update = self.table.get_operation_kwargs(item.pk, item.sk, actions=actions, condition=condition)
        self._updates.append(update)

    def check(self, key: Key, condition: Condition) -> None:
        """Require a condition of an item without changing it."""
        self._checks.append(self.table.get_operation_kwargs(*key, condition=condition))

    def send(self) -> None:
        """Send the transaction. Raise PynamoDB's TransactWriteError if it fails."""
        self.table.connection.transact_write_items(
            condition_check_items=self._checks,
            delete_items=self._deletes,
            put_items=self._puts,
            update_items=self._updates,
            client_request_token=self.token,
        )
