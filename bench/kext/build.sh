#!/bin/sh
# Rebuilds the extension that bench measures (clang-19).
set -e
cd "$(dirname "$0")"
clang-19 -target x86_64-apple-macos10.15 -mkernel -nostdinc -ffreestanding -fno-builtin -O2 -fno-omit-frame-pointer -Wall \
	-I ../../sdk/kern/include -c kbench.c -o kbench.o
