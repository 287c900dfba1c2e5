from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    name = "delivery"
    verbose_name = _("Mail delivery")

    def ready(self) -> None:
        """What this app counts for limits; models are loaded only now."""
        from accounts.limits import uses
        from delivery import sending

        uses.register("sends_per_hour", sending.sent_last_hour)
