"""What may be bought, as pure rules: the only door to an order."""
