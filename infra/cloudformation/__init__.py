"""The stack on AWS around the functions that app.py declares: what is merged into the template that Chalice makes."""
