"""Pages of help and of delisting, of those whose answers are known. Never taken from an answer."""

from __future__ import annotations

GOOGLE_SENDERS = "https://support.google.com/mail/answer/81126"
GOOGLE_ERRORS = "https://support.google.com/a/answer/3726730"
GOOGLE_DMARC = "https://support.google.com/mail/?p=DmarcRejection"
GOOGLE_FULL = "https://support.google.com/mail/?p=OverQuotaTemp"
GOOGLE_FILES = "https://support.google.com/mail/answer/6590"
MICROSOFT_DELIST = "https://sender.office.com/"
MICROSOFT_SUPPORT = "https://olcsupport.office.com/"
MICROSOFT_ERRORS = (
    "https://learn.microsoft.com/en-us/exchange/mail-flow-best-practices/"
    "non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online"
)
MICROSOFT_BULK = (
    "https://support.microsoft.com/en-us/topic/"
    "fix-ndr-error-550-5-7-515-in-outlook-com-34cfe8f8-6fbf-457e-9e8b-9e4dbaf4e0ef"
)
YAHOO = "https://senders.yahooinc.com/smtp-error-codes/"
APPLE = "https://support.apple.com/en-us/HT204137"
GMX = "https://postmaster.gmx.net/en/error-messages"
TELEKOM = "https://postmaster.t-online.de/"
PROTON = "https://proton.me/support/smtp-errors"
ORANGE = "https://postmaster.orange.fr/"
FREE = "https://postmaster.free.fr/"
LAPOSTE = "https://postmaster.laposte.net/"
COMCAST = "https://postmaster.comcast.net/"
MAILRU = "https://postmaster.mail.ru/"
SPAMHAUS = "https://check.spamhaus.org/"
SPAMCOP = "https://www.spamcop.net/bl.shtml"
BARRACUDA = "https://www.barracudacentral.org/lookups"
PROOFPOINT = "https://ipcheck.proofpoint.com/"
CLOUDMARK = "https://csi.cloudmark.com/en/reset/"
UCEPROTECT = "https://www.uceprotect.net/en/rblcheck.php"
ABUSIX = "https://lookup.abusix.com/"
TRENDMICRO = "https://ers.trendmicro.com/reputations"
SYMANTEC = "https://ipremoval.sms.symantec.com/"
TALOS = "https://talosintelligence.com/reputation_center"
MIMECAST = (
    "https://mimecastsupport.zendesk.com/hc/en-us/articles/34000709564691-Policies-Mimecast-SMTP-Error-Codes"
)
MAILSPIKE = "https://www.mailspike.org/iplookup.html"
