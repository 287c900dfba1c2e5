"""A reseller's clients: the list, one of them, what it uses, what would be lost with it."""
