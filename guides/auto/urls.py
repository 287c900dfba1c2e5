"""On the panel's own hosts: what programs ask for, and the pages for people beside it."""

from django.urls import path

from guides.auto import apple, paths, setup

urlpatterns = [
    *paths.urlpatterns,
    path("setup/", setup.start, name="setup-start"),
    path("setup/<str:address>/", setup.setup, name="setup"),
    path("setup/<str:address>/code.svg", setup.code, name="setup-code"),
    path("setup/<str:address>/thunderbird.svg", setup.thunderbird_code, name="setup-code-thunderbird"),
    # A mailbox's own user alone: nobody else may have a password made and put into a file.
    path("mailbox/connect/profile/", apple.ProfileWithPassword.as_view(), name="own-connect-profile"),
]
