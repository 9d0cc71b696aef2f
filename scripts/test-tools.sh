#!/bin/sh
# Sees to it that the tests find Chromium and PostgreSQL: installs them as root, else says what to install.
set -eu

missing=
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || missing="$missing chromium"
.venv/bin/python -c 'from tests import pg; pg.find_programs()' 2>/dev/null || missing="$missing postgresql"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    printf '%s\n' "The tests need what is not installed here. Install it as root: apt-get install$missing" >&2
    exit 1
fi
printf '%s\n' "Installing$missing ..." >&2
apt-get -o DPkg::Lock::Timeout=300 update -qq
# shellcheck disable=SC2086 - several names
DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends $missing >&2
