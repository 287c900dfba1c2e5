from django.urls import path

from dnszone.views import editor as views

urlpatterns = [
    path("domains/<str:name>/zone/", views.zone, name="zone"),
    path("domains/<str:name>/zone/add/", views.record_new, name="zone-record-new"),
    path("domains/<str:name>/zone/mx/", views.mx_order, name="zone-mx"),
    path("domains/<str:name>/zone/delete/", views.records_delete, name="zone-records-delete"),
    path("domains/<str:name>/zone/restore/", views.records_restore, name="zone-records-restore"),
    path("domains/<str:name>/zone/<int:record>/", views.record_edit, name="zone-record"),
]
