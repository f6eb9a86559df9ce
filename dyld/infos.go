package dyld

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
)

// A dyld_all_image_infos (<mach-o/dyld_images.h>, version 15, 64 bits) is the list of
// images as debuggers and crash reporters read it in the program's own memory. It is put
// there when somebody first asks (TASK_DYLD_INFO), and from then on each dlopen that adds
// images brings it up to date: the array's address is zero meanwhile, and the time stamp
// is another afterwards. There is no dynamic linker among the images, nothing is called
// when they change (notification is zero), and there is no shared cache.
const (
	infosVersion = 15
	// InfosSize is the structure's, bytes.
	InfosSize = 304
	// InfosRoom is what the structure and all that it points to take at the most.
	InfosRoom = InfosSize + maxImages*(imageInfoSize+uuidInfoSize) + maxImages*1024

	imageInfoSize = 24 // load address, path, modification time
	uuidInfoSize  = 24 // load address, UUID

	infosArray     = 8
	infosStarted   = 25 // libSystemInitialized
	infosUUIDs     = 88 // count, array
	infosSelf      = 104
	infosInitial   = 112
	infosTimestamp = 184
)

// infos is where a process's list is. mu is held while it is written.
type infos struct {
	mu      sync.Mutex
	at      uint64
	listed  int // images in what was last written; 0 if that failed
	changes uint64
}

// Infos puts the list into the program's memory, or brings it up to date, and gives its
// address. alloc finds a place of InfosRoom bytes, zeros, the first time; write is
// Memory's. The errors are theirs. A list that has all images stays as it is, its time
// stamp too.
func (p *Process) Infos(alloc func() (uint64, error), write func(addr uint64, b []byte) error) (uint64, error) {
	x := &p.infos
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.at != 0 && p.writeInfos(write) == nil {
		return x.at, nil
	}
	at, err := alloc() // the first time, or the program has unmapped it
	if err != nil {
		return 0, err
	}
	x.at, x.listed = at, 0
	return at, p.writeInfos(write)
}

// RefreshInfos brings the list up to date, if there is one.
func (p *Process) RefreshInfos(write func(addr uint64, b []byte) error) {
	p.infos.mu.Lock()
	defer p.infos.mu.Unlock()
	if p.infos.at != 0 {
		p.writeInfos(write)
	}
}

func (p *Process) writeInfos(write func(addr uint64, b []byte) error) error {
	p.mu.Lock()
	images, launched := slices.Clone(p.images), p.launched
	p.mu.Unlock()
	x, le := &p.infos, binary.LittleEndian
	if x.listed == len(images) {
		// Images never go. The word is there already: this only shows that the page is.
		return write(x.at+infosSelf, le.AppendUint64(nil, x.at))
	}
	x.listed = 0
	array := make([]byte, 0, len(images)*imageInfoSize)
	var uuids, paths []byte
	arrayAt := x.at + InfosSize
	uuidsAt := arrayAt + maxImages*imageInfoSize
	pathsAt := uuidsAt + maxImages*uuidInfoSize
	for _, img := range images {
		path := img.Path
		if len(path) > 1023 {
			path = path[:1023]
		}
		array = le.AppendUint64(array, img.Base)
		array = le.AppendUint64(array, pathsAt+uint64(len(paths)))
		array = le.AppendUint64(array, 0)
		paths = append(append(paths, path...), 0)
		if img.File.HasUUID {
			uuids = append(le.AppendUint64(uuids, img.Base), img.File.UUID[:]...)
		}
	}
	if err := write(x.at+infosArray, make([]byte, 8)); err != nil {
		return fmt.Errorf("all_image_infos: %w", err)
	}
	x.changes++
	h := make([]byte, InfosSize)
	le.PutUint32(h, infosVersion)
	le.PutUint32(h[4:], uint32(len(images)))
	le.PutUint64(h[infosArray:], arrayAt)
	h[infosStarted] = 1
	le.PutUint64(h[infosUUIDs:], uint64(len(uuids)/uuidInfoSize))
	le.PutUint64(h[infosUUIDs+8:], uuidsAt)
	le.PutUint64(h[infosSelf:], x.at)
	le.PutUint64(h[infosInitial:], uint64(launched))
	le.PutUint64(h[infosTimestamp:], x.changes)
	for _, part := range []struct {
		at uint64
		b  []byte
	}{{pathsAt, paths}, {uuidsAt, uuids}, {arrayAt, array}, {x.at, h}} {
		if err := write(part.at, part.b); err != nil {
			return fmt.Errorf("all_image_infos: %w", err)
		}
	}
	x.listed = len(images)
	return nil
}

// clone is what fork copies: the list is in the child's memory, too.
func (x *infos) clone() (at uint64, listed int, changes uint64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.at, x.listed, x.changes
}
