"""The sessions of a member as iCalendar data, for calendar feeds, mails and the invite page."""
