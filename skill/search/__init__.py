"""Spoken search: builds the catalogue's index, and finds products in it even when they were misheard."""
