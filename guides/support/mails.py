"""The two mails of a question: to support, and the copy for whoever asked."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notices.kinds import Kind

# reference, who (an address), about, lines, parts (list of title, lines)
TO_SUPPORT = Kind(
    name="support_request",
    label=gettext_lazy("A question to support"),
    subject=lambda context: _("[%(reference)s] Question from %(who)s") % context,
    security=True,
    reply_to=lambda context: str(context["who"]),
)
COPY = Kind(
    name="support_copy",
    label=gettext_lazy("Your question to support"),
    subject=lambda context: _("[%(reference)s] Your question was sent") % context,
    security=True,
)
