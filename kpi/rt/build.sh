#!/bin/sh
# Rebuilds rt.o from its sources (clang-19, llvm-19).
set -e
cd "$(dirname "$0")"
T="-target x86_64-apple-macos10.15 -ffreestanding -nostdinc -fno-builtin -fno-stack-protector -O2 -mkernel -fno-omit-frame-pointer -Wall -Wextra"
cat > rt_all.c <<'X'
#include "string.c"
#include "printf.c"
#include "atomic.c"
#include "lock.c"
#include "sysctl.c"
#include "thread.c"
#include "netbuf.c"
#include "netif.c"
#include "buf.c"
#include "cxx.c"
#include "upl.c"
#include "vnode_if.c"
X
clang-19 $T -c rt_all.c -o rt.o
rm rt_all.c
