"""The development aids of the local run, which are the routes under /dev and the demo members."""
