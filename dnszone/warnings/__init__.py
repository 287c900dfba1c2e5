"""What is legal in a zone and hurts. Pure."""

from dnszone.warnings.finding import Warning, warn  # noqa: A004 - what it is; the builtin is not used here

__all__ = ["Warning", "warn"]
