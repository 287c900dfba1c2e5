"""The way back for a login whose sending was stopped."""

from django.urls import path

from mailboxes.compromise import views

_ONE = "domains/<mail_domain:name>/stopped/<int:stop>/"

urlpatterns = [
    path(_ONE, views.StoppedPage.as_view(), name="stopped"),
    path(f"{_ONE}review/", views.StoppedReview.as_view(), name="stopped-review"),
    path(f"{_ONE}passwords/", views.StoppedPasswords.as_view(), name="stopped-passwords"),
    path(f"{_ONE}queue/", views.StoppedQueue.as_view(), name="stopped-queue"),
    path(f"{_ONE}release/", views.StoppedRelease.as_view(), name="stopped-release"),
]
