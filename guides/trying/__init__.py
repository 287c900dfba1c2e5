"""“Test from here”: the panel signs in as a mail program would, with the password that was typed, and sends a
mail from the mailbox to itself. The password lives in the request alone."""
