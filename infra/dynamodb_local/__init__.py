"""AWS's DynamoDB Local, a reference engine for the tests on machines with Java and Maven."""
