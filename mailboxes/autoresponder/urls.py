"""Addresses of the autoresponder's page."""

from mailboxes.autoresponder.views import AutoresponderPage
from mailboxes.views.either import either

urlpatterns = either("autoresponder/", AutoresponderPage.as_view(), "autoresponder")
