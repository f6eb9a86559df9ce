#!/bin/sh
# Rebuilds machdb and the program that its test debugs (clang-19, ld64.lld-19). The
# server of mach_exc is made by our own mig.
set -e
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
go run ../../cmd/puggle mig -user /dev/null -header /dev/null -server "$tmp/server.c" -sheader "$tmp/mach_exc_server.h" \
	../../mach/mig/defs/mach/mach_exc.defs
CC="clang-19 -target x86_64-apple-macos10.15 -nostdlibinc -isystem ../../sdk/include -std=gnu17 -O2 -Wall -Wno-unused-function -I $tmp"
LD="ld64.lld-19 -arch x86_64 -platform_version macos 10.15 10.15 -fatal_warnings"
$CC -c machdb.c -o "$tmp/machdb.o"
$CC -c "$tmp/server.c" -o "$tmp/server.o"
$CC -c debuggee.c -o "$tmp/debuggee.o"
$LD -o machdb "$tmp/machdb.o" "$tmp/server.o" ../../libsystem/lib/libSystem.B.dylib
$LD -o debuggee "$tmp/debuggee.o" ../../libsystem/lib/libSystem.B.dylib
