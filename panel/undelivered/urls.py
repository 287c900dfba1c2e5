"""Notices about undelivered mail."""

from django.urls import path

from panel.undelivered.views import track_notices

urlpatterns = [
    path("track/notices/", track_notices, name="track-all-notices"),
    path("domains/<str:name>/track/notices/", track_notices, name="track-notices"),
]
