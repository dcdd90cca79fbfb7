"""The upgrade of a table that the release before wrote, with both releases on it."""
