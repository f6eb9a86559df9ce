#include <next/cpu.h>
