"""What a shop is, as pure rules: no I/O, no clock, no prose."""
