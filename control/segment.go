package control

import (
	"sort"

	"puggle/bsd/kern"
	"puggle/dyld"
)

// segment is where a part of a program or library lies.
type segment struct {
	start, end uint64
	name, path string
}

// segments are in the order of their addresses.
type segments []segment

// imageSegments are the segments of all images that p has loaded.
func imageSegments(p *kern.Proc) segments {
	im := p.Image()
	if im == nil {
		return nil
	}
	d, _ := im.Loaded.(*dyld.Process)
	if d == nil || d.Main() == nil {
		return nil
	}
	var l segments
	for _, img := range d.Images() {
		for i := range img.Segments {
			if g := &img.Segments[i]; !g.Reserved() {
				l = append(l, segment{g.Addr + img.Slide, g.Addr + img.Slide + g.Size, g.Name, img.Path})
			}
		}
	}
	sort.Slice(l, func(i, j int) bool { return l[i].start < l[j].start })
	return l
}

// at is the segment that a is in, nil if there is none.
func (l segments) at(a uint64) *segment {
	i := sort.Search(len(l), func(i int) bool { return l[i].end > a })
	if i < len(l) && l[i].start <= a {
		return &l[i]
	}
	return nil
}
