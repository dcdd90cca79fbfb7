"""The stack on AWS around the functions of app.py, which is merged into the template that Chalice makes."""
