"""What is said when: one topic a file, one table of routes, one way through a turn."""
