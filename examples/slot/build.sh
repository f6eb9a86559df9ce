#!/bin/sh
# Rebuilds slot's objects (clang-19). kl_ld makes slot_reloc of them.
set -e
cd "$(dirname "$0")"
CFLAGS="-target x86_64-apple-macos10.15 -ffreestanding -nostdinc -O2 -mkernel -Wall -Wno-deprecated -fno-builtin
	-DKERNEL -DKERNEL_FEATURES -DMACH -I ../../sdk/next/include"
for f in slot_server slot_handler; do clang-19 $CFLAGS -c $f.c -o $f.o; done
