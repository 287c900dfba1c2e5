"""How safe a domain and a mailbox are: points with what was found, and a score that can be raised."""
