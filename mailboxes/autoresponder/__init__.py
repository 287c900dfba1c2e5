"""The autoresponder of a mailbox: an automatic answer for the time that nobody reads it."""
