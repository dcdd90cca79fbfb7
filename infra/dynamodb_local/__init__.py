"""AWS's own DynamoDB Local, the engine to test against where Java and Maven are at hand."""
