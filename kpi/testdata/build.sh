#!/bin/sh
# Rebuilds the objects of this folder (clang-19).
set -e
cd "$(dirname "$0")"
for f in *.c; do
	clang-19 -target x86_64-apple-macos10.15 -ffreestanding -nostdinc -fno-builtin -O2 -mkernel -fno-omit-frame-pointer \
		-fno-optimize-sibling-calls -I ../../sdk/kern/include -c "$f" -o "${f%.c}.o"
done
clang++-19 -target x86_64-apple-macos10.15 -ffreestanding -nostdinc -fno-builtin -O2 -mkernel -fapple-kext -fno-exceptions -fno-rtti \
	-I ../../sdk/kern/include -c cxx.cc -o cxx.o
clang++-19 -target x86_64-apple-macos10.15 -ffreestanding -nostdinc -fno-builtin -O2 -mkernel -fapple-kext -fno-exceptions -fno-rtti -fno-omit-frame-pointer \
	-I ../../sdk/kern/include -c iokit.cc -o iokit.o
S="clang++-19 -target x86_64-apple-macos10.15 -ffreestanding -nostdinc -fno-builtin -O2 -mkernel -fapple-kext -fno-exceptions -fno-rtti
	-I ../../sdk/kern/include -c sleepkext.cc"
$S -o sleepkext.o
$S -DALLOW_SLEEP=0 -o sleepless.o
