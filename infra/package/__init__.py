"""A release: the zip that every function runs from, and the template of the stack around it."""
