from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailboxesConfig(AppConfig):
    name = "mailboxes"
    verbose_name = _("Mailboxes")

    def ready(self) -> None:
        """Tell provision what this app pushes; models are loaded only now."""
        from accounts import changes
        from accounts.limits import uses
        from dnszone import keepers, managed, routing
        from mailboxes import desired, services
        from mailboxes.access import desired as access_desired
        from mailboxes.access import parts as access_parts
        from mailboxes.addresses import provider
        from mailboxes.addresses import services as addresses
        from mailboxes.addresses import states as addresses_states
        from mailboxes.archives import services as archives_services
        from mailboxes.autoresponder import script as autoresponder
        from mailboxes.compromise import services as compromise
        from mailboxes.filters import script as filters
        from mailboxes.jobs import desired as jobs_desired
        from mailboxes.jobs import kinds as job_kinds
        from mailboxes.jobs import services as jobs_services
        from mailboxes.routing import services as routing_services
        from mailboxes.sending import wanted as sending
        from mailboxes.services import dkim, limits, parts
        from mailboxes.sieve import composing
        from mailboxes.sieve import desired as sieve_desired
        from mailboxes.sieve import parts as sieve_parts
        from mailboxes.spam import sieve as spam_sieve
        from nodeagent import contract
        from provision import kinds

        kinds.register(kinds.Kind(name=contract.MailDomain.KIND, desired=desired.mail_domain_desired))
        kinds.register(kinds.Kind(name=contract.Mailbox.KIND, desired=desired.mailbox_desired))
        kinds.register(kinds.Kind(name=contract.Alias.KIND, desired=provider.alias_desired))
        parts.register(addresses_states.AddressPart())
        composing.register(addresses_states.ForwardingSection())
        uses.register("max_forwarders", addresses.forwarders_used)
        changes.register(addresses.addresses_push)
        kinds.register_node(provider.provider_ensure)
        composing.register(spam_sieve.SpamContributor())
        kinds.register(kinds.Kind(name=contract.Job.KIND, desired=jobs_desired.job_desired))
        kinds.register_progress(jobs_services.jobs_progress)
        parts.register(jobs_desired.JobPart())
        job_kinds.register(job_kinds.JobKind(name="import", title=_("Import of mail"), stays=True))
        job_kinds.register(job_kinds.JobKind(name="export", title=_("Export")))
        job_kinds.register(
            job_kinds.JobKind(name="restore", title=_("Restore"), on_end=archives_services.restore_ended)
        )
        job_kinds.register(job_kinds.JobKind(name="clean", title=_("Clean-up")))
        kinds.register(kinds.Kind(name=contract.Limit.KIND, desired=sending.limit_desired))
        parts.register(sending.SendingPart())
        kinds.register(kinds.Kind(name=contract.Hold.KIND, desired=compromise.hold_desired))
        parts.register(compromise.HoldPart())
        kinds.register(
            kinds.Kind(
                name=contract.DkimKey.KIND, desired=desired.dkim_desired, on_live=services.dkim_on_live
            )
        )
        kinds.register(
            kinds.Kind(name=contract.Home.KIND, desired=desired.home_desired, on_live=services.home_on_live)
        )
        kinds.register(kinds.Kind(name=contract.Login.KIND, desired=access_desired.login_desired))
        kinds.register(kinds.Kind(name=contract.Identity.KIND, desired=access_desired.identity_desired))
        parts.register(access_parts.AccessPart())
        keepers.register(managed.DKIM, dkim.dkim_kept)
        kinds.register_usage(services.usage_store)
        kinds.register_node(services.mail_domains_renew)
        kinds.register_node(services.own_key_ensure)
        changes.register(services.mail_domains_push)
        routing.register(routing_services.Keeper())
        routing.on_mx_change(routing_services.mx_changed)
        uses.register("max_mailboxes", limits.mailboxes_used)
        uses.register("storage_mb", limits.storage_used)
        kinds.register(kinds.Kind(name=contract.Script.KIND, desired=sieve_desired.script_desired))
        parts.register(sieve_parts.ScriptPart())
        composing.register(filters.Contributor())
        composing.register(autoresponder.Contributor())
