"""The build of the web app and its files."""
