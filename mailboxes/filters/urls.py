"""Addresses of the pages about filters."""

from django.urls import path

from mailboxes.filters import views
from mailboxes.views.either import either

_DOMAIN = "domains/<mail_domain:name>/filters/"

urlpatterns = [
    *either("filters/", views.FiltersPage.as_view(), "filters"),
    *either("filters/new/", views.FilterEdit.as_view(), "filter-new"),
    *either("filters/test/", views.FiltersTest.as_view(), "filters-test"),
    *either("filters/script/off/", views.OwnScriptOff.as_view(), "filters-script-off"),
    *either("filters/<int:rule>/", views.FilterEdit.as_view(), "filter"),
    *either("filters/<int:rule>/move/", views.FilterMove.as_view(), "filter-move"),
    *either("filters/<int:rule>/switch/", views.FilterSwitch.as_view(), "filter-switch"),
    *either("filters/<int:rule>/delete/", views.FilterDelete.as_view(), "filter-delete"),
    path(_DOMAIN, views.DomainFilters.as_view(), name="domain-filters"),
    path(f"{_DOMAIN}new/", views.DomainFilterEdit.as_view(), name="domain-filter-new"),
    path(f"{_DOMAIN}test/", views.DomainFiltersTest.as_view(), name="domain-filters-test"),
    path(f"{_DOMAIN}<int:domain_rule>/", views.DomainFilterEdit.as_view(), name="domain-filter"),
    path(f"{_DOMAIN}<int:domain_rule>/move/", views.DomainFilterMove.as_view(), name="domain-filter-move"),
    path(
        f"{_DOMAIN}<int:domain_rule>/switch/", views.DomainFilterSwitch.as_view(), name="domain-filter-switch"
    ),
    path(
        f"{_DOMAIN}<int:domain_rule>/delete/", views.DomainFilterDelete.as_view(), name="domain-filter-delete"
    ),
]
