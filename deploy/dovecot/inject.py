"""Dovecot's sendmail_path (nodeagent/inject.py)."""

import sys

sys.path.insert(0, "@INJECT@")
from nodeagent.inject import main  # noqa: E402 - found by the path above

sys.exit(main("@INJECT@/settings.json", sys.argv[1:]))
