"""The OpenID provider of the local run and the members who signed in with it."""
