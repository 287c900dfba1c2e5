"""What a node can be for."""

ROLE_MAIL = "mail"
ROLE_DNS = "dns"
ROLE_SECONDARY = "secondary"
"""A name server that takes every zone from those with ROLE_DNS (RFC 9432). No agent runs there."""
