"""The owner's and the household's pages."""
