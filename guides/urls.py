"""Connect Devices: a mail program's settings, and how to get them into it."""

from django.urls import include, path

from guides import views
from guides.trying.views import ConnectTest
from guides.watching.views import Watch
from mailboxes.views.either import either

urlpatterns = [
    path("", include("guides.auto.urls")),
    path("", include("guides.learn.urls")),
    path("domains/<mail_domain:name>/connect/", views.ConnectPick.as_view(), name="connect"),
    *either("connect/", views.Connect.as_view(), "connect"),
    *either("connect/watch/", Watch.as_view(), "connect-watch"),
    *either("connect/test/", ConnectTest.as_view(), "connect-test"),
    # The last below connect/: every word that is no other page is a program.
    *either("connect/<slug:program>/", views.ConnectGuide.as_view(), "connect-guide"),
]
