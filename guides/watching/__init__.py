"""“It says when it worked”: what the servers' logs tell of the program that is being set up right now.

``clients``: for other rooms, which programs use a mailbox or a domain, and how safely."""

from guides.watching.programs import Client, Clients, clients

__all__ = ["Client", "Clients", "clients"]
