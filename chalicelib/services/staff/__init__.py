"""Acts of staff, who read reports and suspend members (R47)."""
