from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig

from panel.celery import app


class PanelConfig(AppConfig):
    name = "panel"
    celery = app  # every process that runs Django sends its tasks through this application

    def ready(self) -> None:
        """Models are loaded only now."""
        from notices import kinds
        from panel import lastuse, notify, track_actions
        from panel.signin import mails, reset
        from panel.undelivered.services import UNDELIVERED

        notify.listen()
        lastuse.listen()
        track_actions.listen()
        kinds.give_links(reset.KIND, reset.links)
        for kind in (mails.CONFIRM, mails.CHANGED, UNDELIVERED):
            kinds.register(kind)


class AdminConfig(DjangoAdminConfig):
    default_site = "panel.desk.site.AdminSite"
