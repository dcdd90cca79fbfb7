"""The sign-in of the web app at three OpenID providers."""
