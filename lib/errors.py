"""Errors that a person can do something about."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied


class Refused(Exception):
    """A service says no. ``message`` is translated and says what to do instead; ``field``: the form's,
    or empty."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Denied(PermissionDenied):
    """This person may see the thing and may not do this to it: a 403 that says who may. ``message`` is
    translated."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
