#!/bin/sh
# Rebuilds the object of this folder (clang-19).
set -e
cd "$(dirname "$0")"
clang-19 -target x86_64-apple-macos10.15 -ffreestanding -nostdinc -fno-builtin -O2 -mkernel -fno-omit-frame-pointer \
	-I ../../sdk/kern/include -c kmod.c -o kmod.o
