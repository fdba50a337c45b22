"""Sayso: voice ordering for a store, in which nobody buys by accident."""
