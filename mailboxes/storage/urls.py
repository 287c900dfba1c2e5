"""Storage of a mailbox and of a domain."""

from django.urls import path

from mailboxes.storage import views
from mailboxes.views.either import either

urlpatterns = [
    path("domains/<mail_domain:name>/storage/", views.DomainStorage.as_view(), name="domain-storage"),
    *either("storage/", views.StoragePage.as_view(), "storage"),
    *either("storage/largest/", views.StorageLargest.as_view(), "storage-largest"),
    *either("storage/sender/", views.StorageSender.as_view(), "storage-sender"),
    *either("storage/clean/", views.StorageClean.as_view(), "storage-clean"),
]
