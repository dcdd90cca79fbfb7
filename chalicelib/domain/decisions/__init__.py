"""Pure decisions about bookings and pairs, and the write set that each results in."""
