"""Connect Devices: what to type into a mail program."""

from django.urls import path

from guides import views
from mailboxes.views.either import either

urlpatterns = [
    path("domains/<mail_domain:name>/connect/", views.ConnectPick.as_view(), name="connect"),
    *either("connect/", views.Connect.as_view(), "connect"),
    # The last below connect/: every word that is no other page is a program.
    *either("connect/<slug:program>/", views.ConnectGuide.as_view(), "connect-guide"),
]
