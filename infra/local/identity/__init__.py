"""OpenID Connect issuer of the local run."""
