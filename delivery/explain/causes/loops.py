"""Mail that goes round in circles. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import ANYWHERE, TRIED, Cause, Words

CAUSES = (
    Cause(
        "forwarding-loop",
        Words(
            _("It goes round in circles."),
            _(
                "The mail came to an address that it had been to before, because two forwarders send "
                "to each other."
            ),
            _("Remove one of the forwarders."),
            "recipient",
            "open-forwarder",
        ),
        on=ANYWHERE,
        says=("mail forwarding loop for", "forwarding loop"),
    ),
    Cause(
        "too-many-hops",
        Words(
            _("It passed through too many servers."),
            _(
                "After so many stations it is taken for a mail that goes round in circles, mostly "
                "because two forwarders send to each other."
            ),
            _("Look at the forwarders on its way, and remove one."),
            "recipient",
            "open-forwarder",
        ),
        on=ANYWHERE,
        says=(
            "too many hops",
            "hop count exceeded",
            "hopcount exceeded",
            "exceeded # hops",
            "50 hops",
            "routing loop",
            "too many received",
            "mail loop",
            "mailloop",
        ),
    ),
    Cause(
        "leads-back-here",
        Words(
            _("Their mail server’s name leads back to this one."),
            _(
                "The MX records of the recipient’s domain name this server, which does not serve the "
                "domain, so it would hand the mail to itself."
            ),
            _("Mend the domain’s MX records, or set its email routing to local."),
            "recipient",
            "open-routing",
        ),
        on=TRIED,
        says=("loops back to myself", "with my own hostname"),
    ),
)
