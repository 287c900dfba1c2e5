"""How full mailboxes are and were, what takes the room, and clean-ups."""
