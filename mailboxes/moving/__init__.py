"""Another address for a mailbox: another name, or another domain of the same account."""
