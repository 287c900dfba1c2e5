"""What speaks to a running stack from outside: the smoke journey and the measurements. Knows only
endpoints.json."""
