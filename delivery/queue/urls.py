"""Mail Queue."""

from django.urls import path

from delivery.queue import views

urlpatterns = [
    path("queue/", views.queue, name="queue-all"),
    path("queue/do/", views.queue_do, name="queue-all-do"),
    path("queue/<slug:node>/<str:queue_id>/", views.queue_headers, name="queue-headers"),
    path("domains/<str:name>/queue/", views.queue, name="queue"),
    path("domains/<str:name>/queue/do/", views.queue_do, name="queue-do"),
]
