require ["copy", "vnd.dovecot.pipe", "environment", "imapsieve"];
pipe :copy :try "teach" ["spam"];
