package tty

// Ioctls of any file (<sys/filio.h>).
const (
	fionread = 0x4004667f // bytes that can be read
	fionbio  = 0x8004667e // O_NONBLOCK; the descriptor's business
	fioasync = 0x8004667d // O_ASYNC; the descriptor's business
)
