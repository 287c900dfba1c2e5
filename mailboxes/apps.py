from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailboxesConfig(AppConfig):
    name = "mailboxes"
    verbose_name = _("Mailboxes")

    def ready(self) -> None:
        """Tell provision what this app pushes; models are loaded only now."""
        from mailboxes import desired, services
        from nodeagent import contract
        from provision import kinds

        kinds.register(kinds.Kind(name=contract.MailDomain.KIND, desired=desired.mail_domain_desired))
        kinds.register(kinds.Kind(name=contract.Mailbox.KIND, desired=desired.mailbox_desired))
        kinds.register(
            kinds.Kind(
                name=contract.DkimKey.KIND, desired=desired.dkim_desired, on_live=services.dkim_on_live
            )
        )
        kinds.register(
            kinds.Kind(name=contract.Home.KIND, desired=desired.home_desired, on_live=services.home_on_live)
        )
        kinds.register_usage(services.usage_store)
