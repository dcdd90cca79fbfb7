"""A release becomes the stack of a stage, by a change set that is shown before it is carried out."""
