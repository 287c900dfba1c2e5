"""The pages that span the apps."""

from panel.views.domains import domain_add, domain_delete
from panel.views.home import home
from panel.views.overview import domain_overview

__all__ = ["domain_add", "domain_delete", "domain_overview", "home"]
