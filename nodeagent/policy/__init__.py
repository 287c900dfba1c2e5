"""Sending limits: asked by both submission services (Postfix's SMTPD_POLICY_README).

What a login, its domain and its account send in a sliding hour and day is held against the limits in the
directory. Asked for each recipient, so that who is refused stands in the log; counted once the mail's text
comes, so that what is given up counts for nothing. The panel may be down. Counts live in an SQLite file of
their own and outlive a restart. When this service is away Postfix lets the mail pass (default_action=DUNNO).
"""

from nodeagent.policy.counts import Counts
from nodeagent.policy.decision import GO_ON, Policy
from nodeagent.policy.server import Server, parse

__all__ = ["GO_ON", "Counts", "Policy", "Server", "parse"]
