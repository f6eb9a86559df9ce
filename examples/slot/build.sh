#!/bin/sh
# Rebuilds slot's objects (clang-19). kl_ld makes slot_reloc of them.
set -e
cd "$(dirname "$0")"
CFLAGS="-target x86_64-apple-macos10.15 -ffreestanding -nostdinc -O2 -mkernel -Wall -Wno-deprecated -fno-builtin
	-DKERNEL -DKERNEL_FEATURES -DMACH -I ../../sdk/next/include"
for f in slot_server slot_handler; do clang-19 $CFLAGS -c $f.c -o $f.o; done
# The program that uses slot.
clang-19 -target x86_64-apple-macos10.15 -nostdlibinc -isystem ../../sdk/include -O2 -Wall -Werror -c slot_client.c -o slot_client.tmp.o
ld64.lld-19 -arch x86_64 -platform_version macos 10.15 10.15 -fatal_warnings -o slot_client slot_client.tmp.o ../../libsystem/lib/libSystem.B.dylib
rm slot_client.tmp.o
