package kernel

import (
	"fmt"

	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/fs/devfs"
	"puggle/bsd/net"
	"puggle/bsd/sys"
)

// installBpf puts the packet filter's devices into /dev, for root.
func (s *System) installBpf() {
	d := s.Net.Bpf()
	dev.CdevswSwap(dev.MajorBPF, &dev.Cdevsw{Clone: func(_ *sys.Context, number int32, _ int) (sys.FileOps, abi.Errno) {
		return d.Open(dev.Minor(number))
	}})
	for i := range net.BpfUnits {
		s.root.devs.Make(devfs.Node{Name: fmt.Sprintf("bpf%d", i), Mode: 0o600, Dev: dev.Makedev(dev.MajorBPF, i)})
	}
}
