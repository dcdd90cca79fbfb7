"""The screens on which members find each other, clicked in a browser."""
