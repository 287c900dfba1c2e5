"""A reseller's brand: its page, its host names, and what browsers fetch of it."""
