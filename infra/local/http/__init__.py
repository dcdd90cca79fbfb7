"""HTTP server of the local run."""
