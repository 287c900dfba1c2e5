from django.urls import path

from dnszone.dnssec import views

urlpatterns = [
    path("domains/<str:name>/zone/dnssec/", views.dnssec, name="zone-dnssec"),
    path("domains/<str:name>/zone/dnssec/on/", views.on, name="zone-dnssec-on"),
    path("domains/<str:name>/zone/dnssec/off/", views.off, name="zone-dnssec-off"),
    path("domains/<str:name>/zone/dnssec/roll/", views.roll, name="zone-dnssec-roll"),
    path("domains/<str:name>/zone/dnssec/finish/", views.finish, name="zone-dnssec-finish"),
    path("domains/<str:name>/zone/dnssec/cancel/", views.cancel, name="zone-dnssec-cancel"),
    path("domains/<str:name>/zone/dnssec/look/", views.look, name="zone-dnssec-look"),
]
