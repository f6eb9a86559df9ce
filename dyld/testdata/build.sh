#!/bin/sh
# Rebuilds the Mach-O files of this folder from their sources (clang-19 and
# lld-19). The same inputs give the same bytes.
set -e
cd "$(dirname "$0")"
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
for v in 10.15 13.0; do
	CC="clang-19 -target x86_64-apple-macos$v -ffreestanding -nostdinc -fno-stack-protector -O1"
	LD="ld64.lld-19 -arch x86_64 -platform_version macos $v $v"
	mkdir -p "$v" "$t/usr/lib"
	for f in system demo main plug handler; do $CC -c $f.c -o "$t/$f.o"; done
	$LD -dylib -install_name /usr/lib/libSystem.B.dylib "$t/system.o" -o "$v/libSystem.B.dylib"
	$LD -dylib -install_name @rpath/libdemo.dylib "$t/demo.o" "$v/libSystem.B.dylib" -o "$v/libdemo.dylib"
	$LD -rpath @executable_path/lib "$t/main.o" "$v/libdemo.dylib" "$v/libSystem.B.dylib" -o "$v/main"
	$LD -dylib -install_name /usr/lib/libSystem.B.dylib "$t/handler.o" -o "$v/handler.dylib"
	$LD -bundle -undefined dynamic_lookup "$t/plug.o" -o "$v/plug.bundle"
done
