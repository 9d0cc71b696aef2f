#!/bin/sh
# Turns requirements/*.in into *.txt with versions and hashes of every release file, good for each Python from 3.11 on
# and each processor. No address of a package index gets into them: where packages come from is the machine's affair.
set -eu

for name in base dev lock; do
    echo "Locking requirements/$name.in ..."
    .venv/bin/uv pip compile "$@" --quiet --no-config --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
        --output-file "requirements/$name.txt" "requirements/$name.in"
done
