"""The web app with a bad network between the browser and the service."""
