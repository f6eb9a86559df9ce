#!/bin/sh
# Rebuilds the program that uses the driver (clang-19, lld-19).
set -e
cd "$(dirname "$0")"
clang-19 -target x86_64-apple-macos10.15 -nostdlibinc -isystem ../../../sdk/include -O2 -Wall -Werror -c counter_client.c -o counter_client.tmp.o
ld64.lld-19 -arch x86_64 -platform_version macos 10.15 10.15 -fatal_warnings -o counter_client counter_client.tmp.o ../../../libsystem/lib/libSystem.B.dylib
rm counter_client.tmp.o
