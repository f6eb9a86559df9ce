//go:build darwin

package main

const nrGetppid = 0x2000000 + 39
