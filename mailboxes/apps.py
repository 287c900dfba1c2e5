from django.apps import AppConfig


class MailboxesConfig(AppConfig):
    name = "mailboxes"

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
        kinds.register_usage(services.usage_store)
