package dyld

import "puggle/macho"

// ThreadLocals says where an image's thread-local variables are (slid
// addresses, sizes in bytes). Each descriptor is three words: a function (which
// binding has set to libSystem's __tlv_bootstrap), a key, and an offset into a
// copy of the template that each thread makes for itself. The key is 0 in the
// file and stays so: libSystem replaces it with a slot at the first use.
type ThreadLocals struct {
	Descriptors, Count uint64
	// The template is Init bytes at Template, then zeros up to Size. A
	// thread's copy is aligned to Align.
	Template, Init, Size, Align uint64
}

const descriptorSize = 24

// ThreadLocals finds the image's; ok is false if it has none.
func (img *Image) ThreadLocals() (t ThreadLocals, ok bool, err error) {
	var low, high, initEnd uint64
	t.Align = 16
	for i := range img.File.Sections {
		s := &img.File.Sections[i]
		switch s.Type() {
		case macho.SectThreadVariables:
			if ok || s.Size%descriptorSize != 0 || img.segmentAt(s.Addr, s.Size) == nil {
				return t, false, badImage("the descriptors of thread-local variables are malformed")
			}
			t.Descriptors, t.Count, ok = s.Addr+img.Slide, s.Size/descriptorSize, true
		case macho.SectThreadRegular, macho.SectThreadZerofill:
			if s.Size == 0 {
				continue
			}
			if img.segmentAt(s.Addr, s.Size) == nil {
				return t, false, badImage("the template of thread-local variables is malformed")
			}
			if high == 0 || s.Addr < low {
				low = s.Addr
			}
			high = max(high, s.Addr+s.Size)
			if s.Type() == macho.SectThreadRegular {
				initEnd = max(initEnd, s.Addr+s.Size)
			}
			t.Align = max(t.Align, 1<<s.Align)
		}
	}
	if high != 0 {
		t.Template, t.Size = low+img.Slide, high-low
		if initEnd > low {
			t.Init = initEnd - low
		}
		if t.Size > 1<<30 {
			return t, false, badImage("thread-local variables of %d bytes", t.Size)
		}
	}
	return t, ok, nil
}
