"""Whether the secondary name servers have the zones as they are."""
