from django.urls import path

from dnszone.views import history, preview

urlpatterns = [
    path("domains/<str:name>/zone/preview/", preview.preview, name="zone-preview"),
    path("domains/<str:name>/zone/discard/", preview.discard, name="zone-discard"),
    path("domains/<str:name>/zone/rebase/", preview.rebase, name="zone-rebase"),
    path("domains/<str:name>/zone/draft/<int:item>/drop/", preview.drop, name="zone-draft-drop"),
    path("domains/<str:name>/zone/versions/", history.versions, name="zone-versions"),
    path("domains/<str:name>/zone/versions/compare/", history.compare, name="zone-versions-compare"),
    path("domains/<str:name>/zone/versions/<int:version>/", history.version, name="zone-version"),
    path(
        "domains/<str:name>/zone/versions/<int:version>/restore/",
        history.restore,
        name="zone-version-restore",
    ),
    path("domains/<str:name>/zone/versions/<int:version>/undo/", history.undo, name="zone-version-undo"),
]
