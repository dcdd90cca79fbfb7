"""The handlers of the queues, with a module for each channel that has a function `deliver` (R43)."""
