from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailboxesConfig(AppConfig):
    name = "mailboxes"
    verbose_name = _("Mailboxes")

    def ready(self) -> None:
        """Tell provision what this app pushes; models are loaded only now."""
        from accounts import changes
        from accounts.limits import uses
        from dnszone import keepers, managed, routing
        from mailboxes import desired, services
        from mailboxes.routing import services as routing_services
        from mailboxes.services import dkim, limits
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
        keepers.register(managed.DKIM, dkim.dkim_kept)
        kinds.register_usage(services.usage_store)
        kinds.register_node(services.mail_domains_renew)
        kinds.register_node(services.own_key_ensure)
        changes.register(services.mail_domains_push)
        routing.register(routing_services.Keeper())
        routing.on_mx_change(routing_services.mx_changed)
        uses.register("max_mailboxes", limits.mailboxes_used)
        uses.register("storage_mb", limits.storage_used)
