"""The whole stack on one machine: a release deployed through the embedded engine's own CloudFormation."""
