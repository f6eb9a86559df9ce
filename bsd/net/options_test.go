package net

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"puggle/abi"
)

func TestOptions(t *testing.T) {
	ds, _ := newNet(t, Config{})
	so := open(t, ds, abi.AF_INET, abi.SOCK_STREAM)
	for _, c := range []struct{ level, name, set, get int }{
		{abi.IPPROTO_TCP, abi.TCP_NODELAY, 1, 1},
		{abi.IPPROTO_TCP, abi.TCP_KEEPALIVE, 15, 15},
		{abi.IPPROTO_TCP, abi.TCP_KEEPINTVL, 11, 11},
		{abi.IPPROTO_TCP, abi.TCP_KEEPCNT, 5, 5},
		{abi.SOL_SOCKET, abi.SO_KEEPALIVE, 1, abi.SO_KEEPALIVE},
		{abi.IPPROTO_IP, abi.IP_TTL, 9, 9},
		{abi.SOL_SOCKET, abi.SO_RCVBUF, 65536, 65536},
	} {
		must(t, so.Setsockopt(newCtx(), c.level, c.name, i32(c.set)))
		v, e := so.Getsockopt(newCtx(), c.level, c.name, 4)
		if e != 0 || int(binary.LittleEndian.Uint32(v)) != c.get {
			t.Errorf("%+v: % x %s", c, v, e.Name())
		}
	}
	want(t, so.Setsockopt(newCtx(), abi.IPPROTO_IPV6, abi.IPV6_V6ONLY, i32(1)), abi.EINVAL)
	want(t, so.Setsockopt(newCtx(), abi.IPPROTO_TCP, 0x999, i32(1)), abi.ENOPROTOOPT)
}

// TestHostileOptions: no option, level, length or value may hurt.
func TestHostileOptions(t *testing.T) {
	ds, _ := newNet(t, Config{})
	rng := rand.New(rand.NewPCG(1, 2))
	for _, family := range []int{abi.AF_INET, abi.AF_INET6} {
		for _, typ := range []int{abi.SOCK_STREAM, abi.SOCK_DGRAM} {
			so := open(t, ds, family, typ)
			for _, level := range []int{-1, 0, 6, 17, 41, 58, 0xffff} {
				for name := range 0x1200 {
					if name > 0x210 && level != 0xffff {
						break
					}
					b := make([]byte, rng.IntN(40))
					for i := range b {
						b[i] = byte(rng.Uint32())
					}
					so.Setsockopt(newCtx(), level, name, b)
					so.Getsockopt(newCtx(), level, name, rng.IntN(200))
				}
			}
		}
	}
}
