#!/bin/sh
# Rebuilds the examples' objects from their sources (clang-19).
set -e
cd "$(dirname "$0")"
for d in hello echo lockprof memfs tcplog; do
	(cd $d && clang-19 -target x86_64-apple-macos10.15 -mkernel -nostdinc -ffreestanding -fno-builtin -O2 -fno-omit-frame-pointer \
		-Wall -I ../../sdk/kern/include -c $d.c -o $d.o)
done
for d in HelloDriver; do
	(cd hellodriver && clang++-19 -target x86_64-apple-macos10.15 -mkernel -fapple-kext -fno-exceptions -fno-rtti -nostdinc -ffreestanding -fno-builtin -O2 \
		-fno-omit-frame-pointer -Wall -I ../../sdk/kern/include -c $d.cpp -o $d.o)
done
hello/build.sh
slot/build.sh
godriver/client/build.sh
