"""The HTTP server of the local run, with its gateway to the app and its own problems."""
