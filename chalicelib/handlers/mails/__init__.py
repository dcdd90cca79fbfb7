"""The mails of the service, in plain text and HTML."""
