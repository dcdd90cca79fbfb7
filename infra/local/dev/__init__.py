"""The development aids of the local run, which are the routes under /dev, the sign-in page and the demo members."""
