#!/bin/sh
# Rebuilds the program that registers hello.kext (clang-19). kextd_user.c is made by
# puggle mig -I mach/mig/defs -user examples/hello/kextd_user.c -header sdk/include/kext/kextd.h -server /dev/null sdk/include/kext/kextd.defs
set -e
cd "$(dirname "$0")"
for f in hello_app kextd_user; do
	clang-19 -target x86_64-apple-macos10.15 -nostdlibinc -isystem ../../sdk/include -O2 -Wall -Werror -Wno-unused-function -c $f.c -o $f.tmp.o
done
ld64.lld-19 -arch x86_64 -platform_version macos 10.15 10.15 -fatal_warnings ../../libsystem/lib/libSystem.B.dylib -o hello_app hello_app.tmp.o kextd_user.tmp.o
rm *.tmp.o
