"""Further passwords of mailboxes, what one may send as, protocol switches, and sign-ins of websites."""
