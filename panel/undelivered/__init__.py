"""Telling senders once more that a mail of theirs was not delivered."""
