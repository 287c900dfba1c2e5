"""Many mailboxes from one file: read, mapped, checked, saved. Passwords of the file live in the request, in
the reading process's memory and, until it is done, sealed with a key that only the person's page has."""
