from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DnsZoneConfig(AppConfig):
    name = "dnszone"
    verbose_name = _("DNS")

    def ready(self) -> None:
        """Tell provision what this app pushes; models are loaded only now."""
        from dnszone import desired, follow, services
        from dnszone.dnssec.services import signing_on_live
        from nodeagent import contract
        from provision import kinds

        kinds.register(
            kinds.Kind(
                name=contract.Zone.KIND,
                desired=desired.desired_zone,
                on_live=signing_on_live,
                on_refused=services.zone_on_refused,
            )
        )
        kinds.register_node(follow.node_changed)
