"""Deployment of a release as the stack of a stage. The change set is shown before it is executed."""
