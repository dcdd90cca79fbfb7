"""Development aids of the local run: the routes under /dev, the sign-in page and the demo members."""
