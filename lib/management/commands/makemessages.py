"""Django's makemessages with the names that our modules give gettext, and without guesses at new texts.
``bin/messages`` runs it in a copy of the tree."""

from __future__ import annotations

from django.core.management.commands import makemessages

NAMES = ("__", "_l", "_t")  # where a module needs gettext and gettext_lazy


class Command(makemessages.Command):
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]
    xgettext_options = [
        *makemessages.Command.xgettext_options,
        *(f"--keyword={name}" for name in NAMES),
    ]
