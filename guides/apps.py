from django.apps import AppConfig


class GuidesConfig(AppConfig):
    name = "guides"

    def ready(self) -> None:
        """Models are loaded only now."""
        from delivery.services import listeners
        from guides import selectors, welcome
        from guides.changed.telling import KIND as CHANGED
        from guides.handing.mails import KIND as HANDED
        from guides.support.mails import COPY, TO_SUPPORT
        from guides.watching.told import listen
        from mailboxes.access import told
        from mailboxes.welcome import KIND
        from notices import kinds

        told.register(selectors.servers)
        for kind in (KIND, HANDED, CHANGED, TO_SUPPORT, COPY):
            kinds.register(kind)
        kinds.give_links(KIND.name, welcome.links)
        listeners.register(listen)
