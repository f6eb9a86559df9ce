#!/bin/sh
# Assembles stub.S to stub_amd64.bin. The result is committed, so that users
# need no assembler; CI runs this again and compares.
set -e
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
clang-19 -target x86_64-linux-gnu -c stub.S -o "$tmp/stub.o"
llvm-objcopy-19 -O binary --only-section=.text "$tmp/stub.o" "${1:-stub_amd64.bin}"
