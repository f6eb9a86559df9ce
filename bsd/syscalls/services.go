package syscalls
