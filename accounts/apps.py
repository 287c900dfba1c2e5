from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts and people")

    def ready(self) -> None:
        """Models are loaded only now."""
        from allauth.account.signals import user_logged_in
        from allauth.usersessions.signals import on_user_logged_in

        from accounts import selectors
        from accounts.team import invitations
        from notices import kinds, readers

        kinds.give_links("invitation", invitations.links)
        readers.register(selectors.language_at)
        # It asks three queries for each session that a person ever had; signing_in.session_note asks three.
        user_logged_in.disconnect(on_user_logged_in)
