from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailboxesConfig(AppConfig):
    name = "mailboxes"
    verbose_name = _("Mailboxes")

    def ready(self) -> None:
        """Tell provision what this app pushes; models are loaded only now."""
        from mailboxes import registering

        registering.register_all()
