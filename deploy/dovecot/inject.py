"""Dovecot's sendmail_path (nodeagent/inject.py)."""

import sys

sys.path.insert(0, "@INJECT@")
from nodeagent.inject import main

sys.exit(main("@INJECT@/settings.json", sys.argv[1:]))
