"""Keycloak on this machine, an OpenID provider of another maker for the tests of the sign-in."""
