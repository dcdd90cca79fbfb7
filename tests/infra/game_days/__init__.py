"""Game days, the incidents of a bad day on a stack of this machine."""
