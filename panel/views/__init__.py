"""The pages that span the apps."""

from panel.views.domains import domain_add, domain_delete
from panel.views.home import home
from panel.views.language import language
from panel.views.notices import notices
from panel.views.overview import domain_overview
from panel.views.proof import (
    domain_proof,
    domain_proof_accept,
    domain_proof_drop,
    domain_proof_look,
    or_proof,
)
from panel.views.search import search
from panel.views.suspension import domain_resume, domain_suspend

__all__ = [
    "domain_add",
    "domain_delete",
    "domain_overview",
    "domain_proof",
    "domain_proof_accept",
    "domain_proof_drop",
    "domain_proof_look",
    "domain_resume",
    "domain_suspend",
    "home",
    "language",
    "notices",
    "or_proof",
    "search",
]
