# Sourced by everything in bin/: what must be on the machine before any Python of ours can run.
# Nothing here names a registry: apt, pip and uv use what the machine and the environment tell them.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
CODE=$PWD
PYTHON=$CODE/.venv/bin/python
export LANG=C.UTF-8 LC_ALL=C.UTF-8
umask 022

say() { printf '  %s\n' "$*"; }
die() {
  printf '  ✗ %s\n' "$*" >&2
  exit 1
}

need_root() { # need_root "$0" "$@": become root, or say how
  [ "$(id -u)" = 0 ] && return
  command -v sudo >/dev/null || die "Postroom's servers need root here: run this as root."
  exec sudo -E -- "$@"
}

wanted_packages() { # wanted_packages run|test
  sed -e '/^#/d' -e '/^$/d' "$CODE/deploy/packages.txt" | { [ "$1" = test ] && sed '/:$/d' || sed '/^test:$/,$d'; }
}

missing_packages() { # one dpkg-query for all: a second start must cost nothing
  local have wanted
  wanted=$(wanted_packages "$1")
  # shellcheck disable=SC2086
  have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null | sed -n 's/ installed$//p')
  comm -23 <(sort <<<"$wanted") <(sort <<<"$have")
}

install_packages() { # install_packages run|test
  local missing log
  missing=$(missing_packages "$1")
  [ -n "$missing" ] || return 0
  log=$(mktemp -t postroom-apt.XXXXXX)
  # shellcheck disable=SC2086
  say "installing Debian packages: "$missing
  (
    trap 'restore_policy' EXIT
    forbid_starting
    preseed
    export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
    # shellcheck disable=SC2086
    with_progress "$log" apt_get $missing
  ) || {
    tail -n 15 "$log" >&2
    die "apt-get could not install the packages; its whole output is in $log"
  }
  rm -f "$log"
}

apt_get() {
  local options=(-y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold)
  # The lists may be there and good enough (a second try, an image that has them); if not, fetch them.
  apt-get install "${options[@]}" "$@" || { apt-get update -q && apt-get install "${options[@]}" "$@"; }
}

with_progress() { # with_progress LOG COMMAND…: a line every 10 seconds, so that nobody thinks it hangs
  local log=$1 begun=$SECONDS worker
  shift
  "$@" >>"$log" 2>&1 </dev/null &
  worker=$!
  while kill -0 "$worker" 2>/dev/null; do
    sleep 1
    [ $(((SECONDS - begun) % 10)) -ne 9 ] || say "… $((SECONDS - begun)) s: $(tail -n 1 "$log" | cut -c1-90)"
  done
  wait "$worker"
}

POLICY=/usr/sbin/policy-rc.d
POLICY_MARK='# postroom: no service of this machine is started by our installation'

forbid_starting() { # Debian starts what it installs; ours run from var/, the machine's own stay as they are
  if [ -e "$POLICY" ] && ! grep -qF "$POLICY_MARK" "$POLICY"; then
    mv "$POLICY" "$POLICY.postroom-kept"
  fi
  printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" >"$POLICY"
  chmod 755 "$POLICY"
  # A PostgreSQL package makes and starts a cluster of its own unless told.
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    mkdir -p /etc/postgresql-common
    printf '%s\ncreate_main_cluster = false\n' "$POLICY_MARK" >/etc/postgresql-common/createcluster.conf
  fi
}

restore_policy() {
  if [ -e "$POLICY" ] && grep -qF "$POLICY_MARK" "$POLICY"; then rm -f "$POLICY"; fi
  [ ! -e "$POLICY.postroom-kept" ] || mv "$POLICY.postroom-kept" "$POLICY"
}

preseed() { # without it Postfix asks, and by default sets up a mail server of the machine's own
  command -v debconf-set-selections >/dev/null || return 0
  dpkg-query -W -f '${db:Status-Status}' postfix 2>/dev/null | grep -qx installed && return 0
  echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
}

install_python() { # install_python run|dev: uv, and with it exactly what the lock says
  local level=$1 lock stamp want
  mkdir -p "$CODE/.tools"
  exec 8>"$CODE/.tools/lock"
  flock 8
  stamp=$CODE/.venv/.postroom-lock
  # Who has the development set has the other one too: the locks agree, and nothing is taken away again.
  if [ "$level" = run ] && [ -e "$stamp" ] && grep -q '^dev ' "$stamp"; then level=dev; fi
  lock=requirements.lock
  [ "$level" = run ] || lock=requirements-dev.lock
  want="$level $(sha256sum <"$lock")"
  if [ -x "$PYTHON" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
    exec 8>&-
    return
  fi
  say "installing Python packages ($lock)"
  install_uv
  [ -x "$PYTHON" ] || "$CODE/.tools/uv/bin/uv" venv -q --python /usr/bin/python3 --no-python-downloads "$CODE/.venv" || die "uv could not make .venv"
  "$CODE/.tools/uv/bin/uv" pip sync -q --python "$PYTHON" --require-hashes --compile-bytecode "$lock" ||
    die "uv could not install the Python packages; what it said is above"
  printf '%s\n' "$want" >"$stamp"
  exec 8>&-
}

install_uv() {
  local want
  want=$(sha256sum <deploy/uv.lock)
  [ -x .tools/uv/bin/uv ] && [ "$(cat .tools/uv/.from 2>/dev/null)" = "$want" ] && return
  rm -rf .tools/uv
  /usr/bin/python3 -m venv .tools/uv || die "python3 -m venv failed"
  .tools/uv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r deploy/uv.lock ||
    die "pip could not install uv; what it said is above"
  printf '%s\n' "$want" >.tools/uv/.from
}

compile_messages() { # what is made of locale/*.po; nothing where that is newer. Two at once do no harm.
  local catalogue made
  for catalogue in "$CODE"/locale/*/LC_MESSAGES/django.po; do
    made=${catalogue%.po}.mo
    [ -e "$catalogue" ] && [ ! "$made" -nt "$catalogue" ] || continue
    msgfmt -o "$made.$$" -- "$catalogue" && mv "$made.$$" "$made" || die "msgfmt could not read $catalogue"
  done
}

setup() { # setup run|test
  install_packages "$1"
  case $1 in run) install_python run ;; *) install_python dev ;; esac
  compile_messages
}
