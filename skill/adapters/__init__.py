"""What stands behind the ports: a folder for each place where a store can run, and `records`, which they share."""
