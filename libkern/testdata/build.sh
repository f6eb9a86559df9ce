#!/bin/sh
# Rebuilds the objects of this folder from their sources (clang-19, lld-19).
set -e
cd "$(dirname "$0")"
T="-target x86_64-apple-macos10.15 -ffreestanding -nostdinc -O2 -mkernel"
for f in alpha beta gamma; do clang-19 $T -fcommon -c $f.c -o $f.o; done
clang-19 $T -g -gdwarf-4 -fdebug-prefix-map="$PWD=." -c debug.c -o debug.o
clang-19 $T -mcmodel=large -c far.c -o far.o
clang++-19 $T -fapple-kext -fno-exceptions -fno-rtti -c cxx.cc -o cxx.o
for v in 10.15 13.0; do
	clang-19 -target x86_64-apple-macos$v -ffreestanding -nostdinc -O2 -fcommon -c alpha.c -o alpha.tmp
	clang-19 -target x86_64-apple-macos$v -ffreestanding -nostdinc -O2 -fcommon -c beta.c -o beta.tmp
	ld64.lld-19 -arch x86_64 -platform_version macos $v $v -bundle -undefined dynamic_lookup -final_output alpha.bundle \
		alpha.tmp beta.tmp -o alpha-$v.bundle
done
rm -f ./*.tmp
