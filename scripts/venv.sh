#!/bin/sh
# Makes .venv where there is none, and installs into it exactly what a requirements file lists.
#
#   scripts/venv.sh requirements/base.txt
set -eu

say() { printf '%s\n' "$*" >&2; }

good_python() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    python=
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
        if good_python "$candidate"; then python=$candidate; break; fi
    done
    if [ -z "$python" ]; then
        say "Bladeworks needs Python 3.11 or newer. Install it as root: apt-get install python3 python3-venv"
        exit 1
    fi
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            say "Installing python3-venv ..."
            apt-get -o DPkg::Lock::Timeout=300 update -qq
            DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq python3-venv >&2
        else
            say "Python's venv module is missing. Install it as root: apt-get install python3-venv"
            exit 1
        fi
    fi
    say "Making .venv with $("$python" --version) ..."
    rm -rf .venv
    "$python" -m venv .venv
fi

say "Installing what $1 lists ..."
.venv/bin/python -m pip install --disable-pip-version-check --no-input \
    --require-hashes --only-binary :all: -r "$1" >&2
