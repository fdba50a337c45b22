"""The ports on one machine: its clock, key files, the store's own `store.yaml`, notices in a file, a payment provider to try."""
