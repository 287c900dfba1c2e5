"""Email Routing: what happens to mail for a domain, chosen by a person or decided by the live MX.

deciding (pure) draws the consequence of what live (DNS alone) found; services keep it and push it to the
node; looking does that for all domains that are due."""
