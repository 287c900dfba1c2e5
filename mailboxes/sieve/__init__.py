"""Scripts of mailboxes and domains, put together from what people set up on pages."""
