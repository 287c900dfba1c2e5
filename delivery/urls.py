"""Track Delivery and the nodes' door for log lines."""

from django.urls import include, path

from delivery import views

urlpatterns = [
    path("ingest/v1/events", views.ingest, name="ingest"),
    path("ingest/v1/health", views.health, name="ingest-health"),
    path("", include("delivery.queue.urls")),
    path("track/", views.track, name="track-all"),
    path("track/news/", views.track_news, name="track-all-news"),
    path("track/export/", views.track_export, name="track-all-export"),
    path("track/filters/", views.track_filters, name="track-all-filters"),
    path("track/filters/<int:saved>/delete/", views.track_filter_delete, name="track-all-filter-delete"),
    path("track/charts/", views.charts, name="track-all-charts"),
    path("track/charts/export/", views.charts_export, name="track-all-charts-export"),
    path("track/<int:pk>/", views.message, name="track-all-message"),
    path("alerts/", views.alerts, name="alerts-all"),
    path("alerts/<int:alert>/", views.alert_change, name="alert-change-all"),
    path("domains/<str:name>/alerts/", views.alerts, name="alerts"),
    path("domains/<str:name>/alerts/<int:alert>/", views.alert_change, name="alert-change"),
    path("sign-ins/", views.sign_ins, name="sign-ins-all"),
    path("domains/<str:name>/sign-ins/", views.sign_ins, name="sign-ins"),
    path("domains/<str:name>/track/", views.track, name="track"),
    path("domains/<str:name>/track/news/", views.track_news, name="track-news"),
    path("domains/<str:name>/track/export/", views.track_export, name="track-export"),
    path("domains/<str:name>/track/filters/", views.track_filters, name="track-filters"),
    path(
        "domains/<str:name>/track/filters/<int:saved>/delete/",
        views.track_filter_delete,
        name="track-filter-delete",
    ),
    path("domains/<str:name>/track/charts/", views.charts, name="track-charts"),
    path("domains/<str:name>/track/charts/export/", views.charts_export, name="track-charts-export"),
    path("domains/<str:name>/track/<int:pk>/", views.message, name="track-message"),
]
