"""From a cart to an order and back, without a word of prose: what dialogue, pages, commands and the sweeper share.

The guard is asked in `deciding`, an order is made in `placing`, and nowhere else.
"""
