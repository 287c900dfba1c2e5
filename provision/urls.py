"""Where a page asks how far a change has come."""

from django.urls import path

from provision import views

urlpatterns = [
    path("pushes/badge/", views.badge, name="push-badge"),
    path("pushes/<int:pk>/retry/", views.retry, name="push-retry"),
]
