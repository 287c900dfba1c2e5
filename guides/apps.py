from django.apps import AppConfig


class GuidesConfig(AppConfig):
    name = "guides"

    def ready(self) -> None:
        """Models are loaded only now."""
        from delivery.services import listeners
        from guides import selectors, welcome
        from guides.watching.told import listen
        from mailboxes.access import told
        from mailboxes.welcome import KIND
        from notices import kinds

        told.register(selectors.servers)
        kinds.register(KIND)
        kinds.give_links(KIND.name, welcome.links)
        listeners.register(listen)
