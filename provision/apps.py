from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProvisionConfig(AppConfig):
    name = "provision"
    verbose_name = _("Nodes and their changes")

    def ready(self) -> None:
        """Models are loaded only now."""
        from provision import kinds, rebuilding

        kinds.register_joined(rebuilding.joined)
