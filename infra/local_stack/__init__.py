"""The stack on one machine, deployed from a release with the CloudFormation of the embedded engine."""
