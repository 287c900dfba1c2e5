"""Where a page asks how far a change has come, and where a node joins."""

from django.urls import path

from provision import views
from provision.joining.views import join

urlpatterns = [
    path("nodes/v1/join", join, name="ingest-join"),
    path("pushes/badge/", views.badge, name="push-badge"),
    path("pushes/<int:pk>/retry/", views.retry, name="push-retry"),
]
