"""What is legal in a zone and hurts. Pure."""

from dnszone.warnings.finding import MAIL_NAMES, Warning, warn  # noqa: A004 - what it is; the builtin is not used here

__all__ = ["MAIL_NAMES", "Warning", "warn"]
