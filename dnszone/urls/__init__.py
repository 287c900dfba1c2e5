"""Every address of a zone, a module a subject; each spells its paths in full."""

from django.urls import include, path

urlpatterns = [
    path("", include("dnszone.urls.history")),
    path("", include("dnszone.urls.zonefile")),
    path("", include("dnszone.urls.dnssec")),
    path("", include("dnszone.urls.servers")),
    path("", include("dnszone.urls.editor")),
    path("", include("dnszone.urls.records")),
    path("", include("dnszone.urls.blueprints")),
]
