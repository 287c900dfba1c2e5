"""What this app tells the ones below it: loaded by ``AppConfig.ready``, when the models are there."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts import changes
from accounts.limits import uses
from dnszone import keepers, managed, routing
from mailboxes import desired, people, services
from mailboxes.access import desired as access_desired
from mailboxes.access import parts as access_parts
from mailboxes.addresses import domains, provider
from mailboxes.addresses import services as addresses
from mailboxes.addresses import states as addresses_states
from mailboxes.archives import services as archives
from mailboxes.autoresponder import script as autoresponder
from mailboxes.compromise import finders
from mailboxes.compromise import services as compromise
from mailboxes.filters import script as filters
from mailboxes.jobs import desired as jobs_desired
from mailboxes.jobs import kinds as jobs
from mailboxes.jobs import services as jobs_services
from mailboxes.rebuilding import selectors as rebuilding_selectors
from mailboxes.rebuilding import services as rebuilding
from mailboxes.routing import services as routing_services
from mailboxes.sending import services as sending_services
from mailboxes.sending import wanted as sending
from mailboxes.services import dkim, limits, occupied, parts, taken
from mailboxes.sieve import composing
from mailboxes.sieve import desired as sieve_desired
from mailboxes.sieve import parts as sieve_parts
from mailboxes.spam import sieve as spam
from nodeagent import contract
from notices import readers
from provision import kinds
from provision.kinds import Kind


def register_all() -> None:
    register_states()
    register_parts()
    finders.register()
    register_sections()
    register_jobs()
    register_counters()
    register_listeners()


def register_states() -> None:
    """What is pushed to nodes."""
    kinds.register(Kind(name=contract.MailDomain.KIND, desired=desired.mail_domain_desired))
    kinds.register(Kind(name=contract.Mailbox.KIND, desired=desired.mailbox_desired))
    kinds.register(
        Kind(name=contract.DkimKey.KIND, desired=desired.dkim_desired, on_live=services.dkim_on_live)
    )
    kinds.register(Kind(name=contract.Home.KIND, desired=desired.home_desired, on_live=services.home_on_live))
    kinds.register(Kind(name=contract.Alias.KIND, desired=provider.alias_desired))
    kinds.register(Kind(name=contract.Login.KIND, desired=access_desired.login_desired))
    kinds.register(Kind(name=contract.Identity.KIND, desired=access_desired.identity_desired))
    kinds.register(Kind(name=contract.Limit.KIND, desired=sending.limit_desired))
    kinds.register(Kind(name=contract.Hold.KIND, desired=compromise.hold_desired))
    kinds.register(Kind(name=contract.Script.KIND, desired=sieve_desired.script_desired))
    kinds.register(Kind(name=contract.Job.KIND, desired=jobs_desired.job_desired))


def register_parts() -> None:
    """What belongs to a mailbox or a domain and goes where that goes."""
    parts.register(addresses_states.AddressPart())
    parts.register(domains.CatchAllPart())
    parts.register_newcomers(addresses_states.newcomers_wanted)
    parts.register(jobs_desired.JobPart())
    parts.register(sending.SendingPart())
    parts.register(compromise.HoldPart())
    parts.register(access_parts.AccessPart())
    parts.register(sieve_parts.ScriptPart())


def register_sections() -> None:
    """What a Sieve script is made of."""
    composing.register(addresses_states.ForwardingSection())
    composing.register(spam.SpamContributor())
    composing.register(filters.Contributor())
    composing.register(autoresponder.Contributor())


def register_jobs() -> None:
    jobs.register(jobs.JobKind(name="import", title=_("Import of mail"), stays=True))
    jobs.register(jobs.JobKind(name="export", title=_("Export")))
    jobs.register(jobs.JobKind(name="restore", title=_("Restore"), on_end=archives.restore_ended))
    jobs.register(jobs.JobKind(name="clean", title=_("Clean-up")))


def register_counters() -> None:
    """How much of a plan's limits is used."""
    uses.register("max_mailboxes", limits.mailboxes_used)
    uses.register("storage_mb", limits.storage_used)
    uses.register("max_forwarders", addresses.forwarders_used)


def register_listeners() -> None:
    """Who hears of what other apps notice."""
    taken.register(occupied.of_aliases)
    taken.register(occupied.of_websites)
    changes.register_plans(addresses.addresses_push)
    changes.register(services.mail_domains_push)
    keepers.register(managed.DKIM, dkim.dkim_kept)
    kinds.register_node(provider.provider_ensure)
    kinds.register_node(services.mail_domains_renew)
    kinds.register_node(services.own_key_ensure)
    kinds.register_node(sending_services.limits_ensure)
    kinds.register_progress(jobs_services.jobs_progress)
    kinds.register_usage(services.usage_store)
    kinds.register_usage(rebuilding.losses_compare)
    kinds.register_rebuild(
        kinds.RebuildWatcher(begun=rebuilding.sizes_keep, missing=rebuilding_selectors.missing)
    )
    routing.register(routing_services.Keeper())
    routing.on_mx_change(routing_services.mx_changed)
    readers.register(people.language_at)
