from django.urls import path

from dnszone.views import zonefile as views

urlpatterns = [
    path("domains/<str:name>/zone/import/", views.zone_import, name="zone-import"),
    path("domains/<str:name>/zone/transfer/", views.zone_transfer, name="zone-transfer"),
    path("domains/<str:name>/zone/export/", views.zone_export, name="zone-export"),
]
