"""Connect Devices: what to type into a mail program."""

from django.urls import path

from guides import views

urlpatterns = [
    path("domains/<str:name>/connect/", views.domain_connect, name="connect"),
    path("domains/<str:name>/mailboxes/<str:local>/connect/", views.mailbox_connect, name="mailbox-connect"),
]
