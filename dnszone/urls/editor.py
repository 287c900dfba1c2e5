from django.urls import path

from dnszone.views import bulk, editor, mx, records

urlpatterns = [
    path("domains/<str:name>/zone/", editor.zone, name="zone"),
    path("domains/<str:name>/zone/add/", records.record_new, name="zone-record-new"),
    path("domains/<str:name>/zone/mx/", mx.mx_order, name="zone-mx"),
    path("domains/<str:name>/zone/delete/", bulk.records_delete, name="zone-records-delete"),
    path("domains/<str:name>/zone/ttl/", bulk.records_ttl, name="zone-records-ttl"),
    path("domains/<str:name>/zone/<int:record>/", records.record_edit, name="zone-record"),
    path("domains/<str:name>/zone/draft/<int:item>/", records.draft_item, name="zone-draft-item"),
]
