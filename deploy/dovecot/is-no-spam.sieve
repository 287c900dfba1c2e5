require ["copy", "vnd.dovecot.pipe", "environment", "imapsieve"];
# Thrown away, or to be looked at later: that says nothing.
if not environment :is "imap.mailbox" ["Trash", "Quarantine", "Junk"] {
  pipe :copy :try "teach" ["ham"];
}
