"""Reports, the screens of staff, and the page of a suspended member."""
