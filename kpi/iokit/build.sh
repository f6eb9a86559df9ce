#!/bin/sh
# Rebuilds iokit.o from its sources (clang-19).
set -e
cd "$(dirname "$0")"
cat > iok_all.cpp <<'X'
#include "iok.h"
#include <IOKit/IOUserClient.h>
#include <IOKit/IOBufferMemoryDescriptor.h>
#include <IOKit/IOCommandGate.h>
#include <IOKit/IOInterruptEventSource.h>
#include <IOKit/IOTimerEventSource.h>
#include "metaclass.cpp"
#include "strings.cpp"
#include "collections.cpp"
#include "serialize.cpp"
#include "lock.cpp"
#include "entry.cpp"
#include "service.cpp"
#include "workloop.cpp"
#include "memory.cpp"
#include "userclient.cpp"
#include "glue.cpp"
X
clang++-19 -target x86_64-apple-macos10.15 -std=c++17 -ffreestanding -nostdinc -fno-builtin -fno-stack-protector -Os -mkernel -fapple-kext -fno-exceptions -fno-rtti -fno-c++-static-destructors \
	-fno-omit-frame-pointer -fno-optimize-sibling-calls -Wall -Wextra -Wno-invalid-offsetof -Wno-overloaded-virtual -Wno-cast-function-type-mismatch -I ../../sdk/kern/include -c iok_all.cpp -o iokit.o
rm iok_all.cpp
