#!/bin/sh
# Rebuilds slot's objects (clang-19). kl_ld makes slot_reloc of them.
set -e
cd "$(dirname "$0")"
CFLAGS="-target x86_64-apple-macos10.15 -ffreestanding -nostdinc -O2 -mkernel -Wall -Wno-deprecated -fno-builtin
	-DKERNEL -DKERNEL_FEATURES -DMACH -I ../../sdk/next/include"
for f in slot_server slot_handler; do clang-19 $CFLAGS -c $f.c -o $f.o; done
# The programs that use slot, and kern_loader. kern_loader_user.c is made by
# puggle mig -I mach/mig/defs -user examples/slot/kern_loader_user.c -header sdk/include/kernserv/kern_loader.h sdk/include/kernserv/kern_loader.defs
for f in slot_client loader_client kern_loader_user; do
	clang-19 -target x86_64-apple-macos10.15 -nostdlibinc -isystem ../../sdk/include -O2 -Wall -Werror -Wno-unused-function -c $f.c -o $f.tmp.o
done
LINK="ld64.lld-19 -arch x86_64 -platform_version macos 10.15 10.15 -fatal_warnings ../../libsystem/lib/libSystem.B.dylib"
$LINK -o slot_client slot_client.tmp.o
$LINK -o loader_client loader_client.tmp.o kern_loader_user.tmp.o
rm *.tmp.o
