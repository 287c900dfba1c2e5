"""What a node can be for."""

ROLE_MAIL = "mail"
ROLE_DNS = "dns"
