"""What allauth asks of us."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the provider, by resellers and by invitation, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
