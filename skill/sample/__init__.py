"""The sample store: its catalogue, and its delivery, tax and time zone."""
