require ["fileinto", "mailbox"];
# After the scripts of the domain, of the mailbox and of its user, and only when none of them put the mail anywhere. X-Spam is what
# they left of rspamd's mark; X-Spam-Do what lists of senders and settings say shall be done (mailboxes/spam/sieve.py).
if header :is "X-Spam-Do" "discard" {
  discard;
} elsif header :is "X-Spam-Do" "quarantine" {
  fileinto :create "Quarantine";
} elsif header :is "X-Spam-Do" "keep" {
  keep;
} elsif header :is "X-Spam" "Yes" {
  fileinto :create "Junk";
}
