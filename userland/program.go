package userland

import (
	_ "embed"
	"sync"

	"github.com/klauspost/compress/zstd"
)

//go:embed box.darwin-amd64.zst
var packed []byte

//go:embed ioreg.darwin-amd64
var ioreg []byte

// Others are the programs that are not Program, by their path among Names. The bytes are
// shared: nobody may change them.
func Others() map[string][]byte { return map[string][]byte{"/usr/sbin/ioreg": ioreg} }

// Program gives the Mach-O file. The bytes are shared: nobody may change them.
// It may be called at any time, by anyone.
var Program = sync.OnceValues(func() ([]byte, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.DecodeAll(packed, nil)
})

// Size is the length of Program in bytes, known without unpacking it.
func Size() int64 {
	var h zstd.Header
	if err := h.Decode(packed); err != nil || !h.HasFCS {
		return 0
	}
	return int64(h.FrameContentSize)
}
