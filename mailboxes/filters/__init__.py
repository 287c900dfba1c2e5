"""Rules of mailboxes and domains: what happens to mail as it comes."""
