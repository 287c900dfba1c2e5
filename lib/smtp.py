"""Sending by SMTP to a server that a certificate authority of our own vouches for."""

from __future__ import annotations

import ssl

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.utils.functional import cached_property


class EmailBackend(SmtpBackend):
    """Django's, and the server's certificate is checked against settings.EMAIL_CA_FILE where that is set."""

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=settings.EMAIL_CA_FILE or None)
