#!/bin/sh
# Rebuilds the objects of this folder from their sources (clang-19).
set -e
cd "$(dirname "$0")"
for f in echo_main echo_msg; do
	clang-19 -target x86_64-apple-macos10.15 -ffreestanding -nostdinc -O2 -mkernel -fno-common -c $f.c -o $f.o
done
clang-19 -target x86_64-apple-macos10.15 -ffreestanding -nostdinc -O2 -mkernel -fno-builtin -Wall -Wno-deprecated \
	-DKERNEL -DKERNEL_FEATURES -DMACH -I ../../sdk/next/include -c samples.c -o samples.o
# tallyServer.c and tally.h are made by puggle mig -2.5 -server tallyServer.c -sheader tally.h tally.defs
for f in tallyServer tally_handler; do
	clang-19 -target x86_64-apple-macos10.15 -ffreestanding -nostdinc -O2 -mkernel -fno-builtin -Wall -Wno-deprecated -Wno-unused-function \
		-DKERNEL -DKERNEL_FEATURES -DMACH -I ../../sdk/next/include -c $f.c -o $f.o
done
clang-19 -target x86_64-apple-macos10.15 -ffreestanding -nostdinc -O2 -mkernel -fno-builtin -Wall -Wno-deprecated \
	-DKERNEL -DKERNEL_FEATURES -DMACH -I ../../sdk/next/include -c venip.c -o venip.o
