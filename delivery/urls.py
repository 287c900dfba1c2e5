"""Track Delivery and the nodes' door for log lines."""

from django.urls import path

from delivery import views

urlpatterns = [
    path("ingest/v1/events", views.ingest, name="ingest"),
    path("ingest/v1/health", views.health, name="ingest-health"),
    path("track/", views.track, name="track-all"),
    path("track/news/", views.track_news, name="track-all-news"),
    path("track/<int:pk>/", views.message, name="track-all-message"),
    path("sign-ins/", views.sign_ins, name="sign-ins-all"),
    path("domains/<str:name>/sign-ins/", views.sign_ins, name="sign-ins"),
    path("domains/<str:name>/track/", views.track, name="track"),
    path("domains/<str:name>/track/news/", views.track_news, name="track-news"),
    path("domains/<str:name>/track/<int:pk>/", views.message, name="track-message"),
]
