//go:build linux

package main

const nrGetppid = 110
