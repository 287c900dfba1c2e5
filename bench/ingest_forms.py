"""The forms of real log lines (Postfix 3.7, Dovecot 2.3, rspamd 3.4), filled for bench/ingest_lines.py."""

# ruff: noqa: E501 - log lines are long

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.ingest_lines import Rcpt, _Host

_P, _D, _R = "postfix", "dovecot", "rspamd"
DELIVERED, DEFERRED, FAILED = 2, 3, 4

PEOPLE = (
    "ana", "ben", "cleo", "dora", "emil", "fay", "gil", "hugo", "ines", "jon", "kira", "leo", "mia", "nils", "olga", "pau",
    "info", "ventas", "office", "jean-luc.picard", "o'brien", "user+tag", "m.mustermann", "accounting",
)  # fmt: skip
ALIASES = ("team", "sales", "all", "hello", "kontakt", "support")
ELSE = (
    "gmail.example", "outlook.example", "yahoo.example", "gmx.example", "proton.example", "firma.example", "uni.example",
    "shop.example", "news.example", "xn--bcher-kva.example",
)  # fmt: skip
SUBJECTS = (
    "Re: Pedido del lunes", "Invoice 20417", "=?utf-8?q?Angebot_f=C3=BCr_M=C3=A4rz?=", "Hello", "Your order has been shipped",
    "Fwd: from me to=<you@else.example> proto=ESMTP", "=?UTF-8?B?0J/RgNC40LLQtdGC?=", "Meeting tomorrow at 10?", "", "Newsletter no. 52",
)  # fmt: skip
_TLS = (
    "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) "
    "server-digest SHA256"
)
_LATER = (
    ("4.2.0", "host mx.{there}[192.0.2.{n}] said: 450 4.2.0 <{to}>: Recipient address rejected: Greylisted, see http://x.example/{n} "
     "(in reply to RCPT TO command)"),
    ("4.4.1", "connect to mx.{there}[192.0.2.{n}]:25: Connection timed out"),
    ("4.7.0", "host mx.{there}[192.0.2.{n}] said: 421-4.7.0 [192.0.2.9 15] Our system has detected an unusual rate of unsolicited mail "
     "421 4.7.0 originating from your IP address. (in reply to end of DATA command)"),
    ("4.3.0", "lost connection with mx.{there}[192.0.2.{n}] while receiving the initial server greeting"),
)  # fmt: skip
_NEVER = (
    ("5.1.1", "host mx.{there}[192.0.2.{n}] said: 550-5.1.1 The email account that you tried to reach does not exist. Please try 550 "
     "5.1.1 double-checking the recipient's email address for typos. {n} - gsmtp (in reply to RCPT TO command)"),
    ("5.7.1", "host mx.{there}[192.0.2.{n}] said: 550 5.7.1 Service unavailable, Client host blocked using Spamhaus. (in reply to MAIL "
     "FROM command)"),
    ("5.4.4", "Host or domain name not found. Name service error for name={there} type=A: Host not found"),
)  # fmt: skip
_FOUND = (
    ("MIME_GOOD", "-0.10", "text/plain;"), ("DMARC_POLICY_ALLOW", "-0.50", "{there},none;"), ("R_SPF_ALLOW", "-0.20", "+ip4:192.0.2.0/24;"),
    ("R_DKIM_ALLOW", "-0.20", "{there}:s=mail2026;"), ("FROM_EQ_ENVFROM", "0.00", ""), ("FROM_HAS_DN", "0.00", ""),
    ("MIME_TRACE", "0.00", "0:+;1:+;2:~;"), ("RCPT_COUNT_ONE", "0.00", "1;"), ("RCVD_COUNT_TWO", "0.00", "2;"), ("TO_DN_NONE", "0.00", ""),
    ("TO_MATCH_ENVRCPT_ALL", "0.00", ""), ("DKIM_TRACE", "0.00", "{there}:+;"), ("ARC_NA", "0.00", ""), ("MISSING_XM_UA", "0.00", ""),
    ("HTML_SHORT_LINK_IMG_1", "2.00", ""), ("SUBJ_ALL_CAPS", "1.40", "14;"), ("BAYES_SPAM", "5.10", "99.98%;"),
)  # fmt: skip


@functools.lru_cache(100_000)
def stamp(at: int, *, long: bool) -> str:
    """rspamd's with the year, the others' without. Local time."""
    local = time.localtime(at)
    return (
        time.strftime("%Y-%m-%d %H:%M:%S", local)
        if long
        else f"{time.strftime('%b', local)} {local.tm_mday:2d} {time.strftime('%H:%M:%S', local)}"
    )


_DIGITS = "BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"


def queue_id(at: float, number: int) -> str:
    """In Postfix's long form: six of the time, four of the microseconds, a "z", and the inode."""
    text = ""
    for value, digits in ((int(at) + number % 7, 6), (number * 7919 % 3_000_000, 4), (number, 5)):
        part, left = "", value
        for _ in range(digits):
            left, rest = divmod(left, len(_DIGITS))
            part = _DIGITS[rest] + part
        text += f"z{part}" if digits == 5 else part
    return text


def _peer(host: _Host) -> str:
    number = host.random.randrange(250)
    return f"mail{number}.{host.random.choice(ELSE)}[192.0.2.{number}]"


def handed_in(host: _Host, qid: str, sender: str, rcpts: list[Rcpt], login: str, size: int) -> float:
    """Connection to queue. Returns the time at which it is in the queue."""
    at, pid, peer = host.at, host.random.randrange(2000, 2040), _peer(host)
    service = host.random.choice(("submission", "submissions")) if login else ""
    smtpd = f"postfix/{service}/smtpd[{pid}]" if service else f"postfix/smtpd[{pid}]"
    sasl = f", sasl_method=PLAIN, sasl_username=main.1795371362850/{login}" if login else ""
    host.say(at, _P, f"{smtpd}: connect from {peer}")
    if login or host.random.random() < 0.8:
        host.say(at + 0.01, _P, f"{smtpd}: Anonymous TLS connection established from {peer}: {_TLS}")
    host.say(at + 0.1, _P, f"{smtpd}: {qid}: client={peer}{sasl}")
    subject, helo = host.random.choice(SUBJECTS), peer.partition("[")[0]
    cleanup = f"postfix/cleanup[{pid + 100}]: {qid}"
    end = f"; from=<{sender}> to=<{rcpts[0].written}> proto=ESMTP helo=<{helo}>"
    host.say(at + 0.15, _P, f"{cleanup}: info: header Subject: {subject} from {peer}{end}")
    host.say(at + 0.16, _P, f"{cleanup}: message-id=<{host.count}.{pid}@{sender.rpartition('@')[2]}>")
    _verdict(host, at + 0.25, qid, sender, login, size)
    host.say(
        at + 0.3,
        _P,
        f"postfix/qmgr[1021]: {qid}: from=<{sender}>, size={size}, nrcpt={len(rcpts)} (queue active)",
    )
    many = len(rcpts)
    counts = f"ehlo=2 starttls=1 mail=1 rcpt={many} data=1 quit=1 commands={many + 6}"
    host.say(at + 0.31, _P, f"{smtpd}: disconnect from {peer} {counts}")
    return at + 0.32


def _verdict(host: _Host, at: float, qid: str, sender: str, login: str, size: int) -> None:
    there = sender.rpartition("@")[2]
    found = [("DKIM_SIGNED", "0.00", f"{there}:s=pr1-mail1;")] if login else [
        (name, score, option.format(there=there)) for name, score, option in _FOUND[: host.random.randrange(8, len(_FOUND) + 1)]
    ]  # fmt: skip
    score = sum(float(one[1]) for one in found)
    names = ",".join(f"{name}({score})" for name, score, _option in found)
    options = ",".join(f"{name}({score}){{{option}}}" for name, score, option in found)
    user = f"main.1795371362850/{login}" if login else "undef"
    host.say(at, _R, (
        f"#3501(rspamd_proxy) <{host.count % 0xFFFFFF:06x}>; proxy; rspamd_task_write_log: verdict qid=<{qid}> action=<no action> "
        f"score=<{score:.2f}/nan> size=<{size}> time=<3.494ms> user=<{user}> ip=<192.0.2.7> found=<{names}> with=<{options}> "
        f"from=<{sender}> id=<{host.count}@{there}>"
    ))  # fmt: skip


def tried(host: _Host, at: float, qid: str, rcpt: Rcpt, *, fine: bool = False) -> bool:
    """One try of one recipient; whether it was the last. Sets its status."""
    at += host.random.random() * 0.05
    there = rcpt.to.rpartition("@")[2]
    orig = f", orig_to=<{rcpt.orig}>" if rcpt.orig else ""
    if there in host.ours:
        rcpt.status = DELIVERED
        return _stored(host, at, qid, rcpt, orig)
    number, luck = host.random.randrange(1, 250), host.random.random()
    smtp = f"postfix/smtp[{host.random.randrange(4000, 4030)}]"
    relay = f"mx.{there}[192.0.2.{number}]:25"
    if fine or luck < 0.84:
        rcpt.status, word, dsn, said = (
            DELIVERED,
            "sent",
            "2.0.0",
            f"250 2.0.0 OK  1795371{number} x{number}si - gsmtp",
        )
        if luck < 0.5:
            host.say(at, _P, f"{smtp}: Untrusted TLS connection established to {relay}: {_TLS}")
    else:
        rcpt.status, word = (DEFERRED, "deferred") if luck < 0.94 else (FAILED, "bounced")
        dsn, said = host.random.choice(_LATER if word == "deferred" else _NEVER)
        said = said.format(there=there, to=rcpt.to, n=number)
        if said.startswith("connect to"):
            host.say(at, _P, f"{smtp}: {said}")
        relay = relay if said.startswith(("host", "lost")) else "none"
    delay = host.random.random() * 9
    host.say(
        at + 0.01,
        _P,
        (
            f"{smtp}: {qid}: to=<{rcpt.to}>{orig}, relay={relay}, delay={delay:.1f}, delays=0.1/0.01/0.2/{delay:.2f}, "
            f"dsn={dsn}, status={word} ({said})"
        ),
    )
    return rcpt.status != DEFERRED


def _stored(host: _Host, at: float, qid: str, rcpt: Rcpt, orig: str) -> bool:
    session = f"{host.count:07d}RoAmsKFAAAg+zDdQ"
    action = host.random.choice(
        ("stored mail into mailbox 'INBOX'", "stored mail into mailbox 'Junk'", "saved mail to INBOX")
    )
    host.say(at, _D, (
        f"lmtp({rcpt.to})<5135><{session}>: Info: {'sieve: ' if action.startswith('stored') else ''}msgid=<{qid}@x.example>: {action}"
    ))  # fmt: skip
    host.truth.filed[rcpt.to.rpartition("@")[2], "stored" if action.startswith("stored") else "saved"] += 1
    host.say(at + 0.01, _P, (
        f"postfix/lmtp[5161]: {qid}: to=<{rcpt.to}>{orig}, relay=mail1.postroom.test[private/dovecot-lmtp], delay=0.08, "
        f"delays=0.05/0.01/0.01/0.01, dsn=2.0.0, status=sent (250 2.0.0 <{rcpt.to}> {session} Saved)"
    ))  # fmt: skip
    return True


def expired(qid: str, sender: str) -> str:
    return f"postfix/qmgr[1021]: {qid}: from=<{sender}>, status=expired, returned to sender"


def notice(host: _Host, at: float, qid: str, new: str, sender: str) -> None:
    host.say(at, _P, f"postfix/cleanup[2203]: {new}: message-id=<{new}@mail1.postroom.test>")
    host.say(at + 0.01, _P, f"postfix/bounce[3958]: {qid}: sender non-delivery notification: {new}")
    host.say(at + 0.02, _P, f"postfix/qmgr[1021]: {new}: from=<>, size=3444, nrcpt=1 (queue active)")


_WHY = (
    "550 5.1.1 <{to}>: Recipient address rejected: User unknown in virtual mailbox table",
    "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.example; https://www.spamhaus.example/q/192.0.2.7",
    "552 5.2.2 <{to}>: Recipient address rejected: Mailbox is full",
    "554 5.7.1 <{to}>: Recipient address rejected: Relay access denied",
    "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]",
)


def refused(host: _Host, sender: str, to: str, qid: str = "NOQUEUE") -> str:
    peer, why = _peer(host), host.random.choice(_WHY).format(to=to)
    return (
        f"postfix/smtpd[{host.random.randrange(2000, 2040)}]: {qid}: reject: RCPT from {peer}: {why}; from=<{sender}> to=<{to}> "
        f"proto=ESMTP helo=<{peer.partition('[')[0]}>"
    )


def refused_own(host: _Host, user: str, to: str) -> str:
    domain = user.rpartition("@")[2]
    return (
        f"postfix/submissions/smtpd[2041]: NOQUEUE: reject: RCPT from {_peer(host)}: 553 5.7.1 <boss@{domain}>: Sender address rejected: "
        f"not owned by user main.1795371362850/{user}; from=<boss@{domain}> to=<{to}> proto=ESMTP helo=<[192.168.1.4]>"
    )


def signed_in(host: _Host, at: float, user: str) -> int:
    """A session by IMAP or POP3; how many mails it expunged."""
    protocol = host.random.choice(("imap", "imap", "imap", "pop3"))
    session, rip = f"{host.count:08d}+FgXK9/AAAB", f"198.51.100.{host.random.randrange(250)}"
    tls = f"TLS, session=<{session}>, app=<>, tls=<TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)>"
    if protocol == "imap" and host.random.random() < 0.5:
        host.say(
            at,
            _D,
            f"imap-login: Info: ID sent: name=Thunderbird, version=115.{host.count % 9}: user=<>, rip={rip}, lip=192.0.2.1, {tls}",
        )
    host.say(at + 0.1, _D, (
        f"{protocol}-login: Info: Login: user=<{user}>, method=PLAIN, rip={rip}, lip=192.0.2.1, mpid={host.count % 30000}, {tls}"
    ))  # fmt: skip
    head = f"{protocol}({user})<{host.count % 30000}><{session}>: Info"
    gone = host.random.choice((0, 0, 0, 1, 2, 5))
    for number in range(gone):
        host.say(
            at + 1 + number / 10,
            _D,
            f"{head}: expunge: box=INBOX, msgid=<{host.count}@x.example>, size={900 + number}",
        )
    counts = (
        f"in=383 out=19000 deleted={gone} expunged={gone} trashed=0 hdr_count=4 hdr_bytes=1900 body_count=1 body_bytes=4711"
        if protocol == "imap"
        else f"top=0/0, retr={gone}/{gone * 1736}, del={gone}/9, size=78360"
    )
    host.say(at + 5 + host.random.random() * 300, _D, f"{head}: Disconnected: Logged out {counts}")
    return gone


def failed(host: _Host, at: float, user: str) -> None:
    rip, session = f"203.0.113.{host.random.randrange(250)}", f"{host.count:08d}+FgZK9/AAAB"
    host.say(at, _D, (
        f"auth-worker(3744): Info: conn unix:auth-worker (pid=3497,uid=104): auth-worker<{host.count}>: "
        f"sql({user},{rip},<{session}>): Password mismatch"
    ))  # fmt: skip
    host.say(at + 2, _D, (
        f"imap-login: Info: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<{user}>, method=PLAIN, rip={rip}, "
        f"lip=192.0.2.1, TLS: Connection closed, session=<{session}>, app=<>, tls=<TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)>"
    ))  # fmt: skip


def connected(host: _Host) -> None:
    """Somebody who does no more than look whether a server is there."""
    peer, smtpd = _peer(host), f"postfix/smtpd[{host.random.randrange(2000, 2040)}]"
    host.say(host.at, _P, f"{smtpd}: connect from {peer}")
    host.say(host.at + 0.1, _P, f"{smtpd}: lost connection after CONNECT from {peer}")
    host.say(host.at + 0.1, _P, f"{smtpd}: disconnect from {peer} commands=0/0")
