package abi

import "encoding/binary"

// NCCS is the number of control characters.
const NCCS = 20

// Termios is struct termios of a 64-bit Darwin (<sys/termios.h>): 72 bytes.
type Termios struct {
	Iflag, Oflag, Cflag, Lflag uint64
	Cc                         [NCCS]uint8
	Ispeed, Ospeed             uint64
}

// TermiosSize is the size of struct termios.
const TermiosSize = 72

// Marshal writes a struct termios into b, which has TermiosSize bytes.
func (t *Termios) Marshal(b []byte) {
	le := binary.LittleEndian
	_ = b[TermiosSize-1]
	for i, v := range [...]uint64{t.Iflag, t.Oflag, t.Cflag, t.Lflag} {
		le.PutUint64(b[8*i:], v)
	}
	copy(b[32:52], t.Cc[:])
	clear(b[52:56])
	le.PutUint64(b[56:], t.Ispeed)
	le.PutUint64(b[64:], t.Ospeed)
}

// Unmarshal reads a struct termios.
func (t *Termios) Unmarshal(b []byte) {
	le := binary.LittleEndian
	_ = b[TermiosSize-1]
	for i, p := range [...]*uint64{&t.Iflag, &t.Oflag, &t.Cflag, &t.Lflag} {
		*p = le.Uint64(b[8*i:])
	}
	copy(t.Cc[:], b[32:52])
	t.Ispeed, t.Ospeed = le.Uint64(b[56:]), le.Uint64(b[64:])
}

// Winsize is struct winsize (<sys/ttycom.h>): 8 bytes.
type Winsize struct{ Row, Col, Xpixel, Ypixel uint16 }

// Indexes of Termios.Cc, and the value that switches one off.
const (
	VEOF     = 0
	VEOL     = 1
	VEOL2    = 2
	VERASE   = 3
	VWERASE  = 4
	VKILL    = 5
	VREPRINT = 6
	VINTR    = 8
	VQUIT    = 9
	VSUSP    = 10
	VDSUSP   = 11
	VSTART   = 12
	VSTOP    = 13
	VLNEXT   = 14
	VDISCARD = 15
	VMIN     = 16
	VTIME    = 17
	VSTATUS  = 18

	POSIX_VDISABLE = 0xff
)

// Input, output, control and local modes.
const (
	IGNBRK  = 0x1
	BRKINT  = 0x2
	IGNPAR  = 0x4
	PARMRK  = 0x8
	INPCK   = 0x10
	ISTRIP  = 0x20
	INLCR   = 0x40
	IGNCR   = 0x80
	ICRNL   = 0x100
	IXON    = 0x200
	IXOFF   = 0x400
	IXANY   = 0x800
	IMAXBEL = 0x2000
	IUTF8   = 0x4000

	OPOST  = 0x1
	ONLCR  = 0x2
	OXTABS = 0x4
	ONOEOT = 0x8
	OCRNL  = 0x10
	ONOCR  = 0x20
	ONLRET = 0x40

	CS8    = 0x300
	CREAD  = 0x800
	HUPCL  = 0x4000
	CLOCAL = 0x8000

	ECHOKE     = 0x1
	ECHOE      = 0x2
	ECHOK      = 0x4
	ECHO       = 0x8
	ECHONL     = 0x10
	ECHOPRT    = 0x20
	ECHOCTL    = 0x40
	ISIG       = 0x80
	ICANON     = 0x100
	ALTWERASE  = 0x200
	IEXTEN     = 0x400
	EXTPROC    = 0x800
	TOSTOP     = 0x400000
	FLUSHO     = 0x800000
	NOKERNINFO = 0x2000000
	PENDIN     = 0x20000000
	NOFLSH     = 0x80000000
)

// Terminal ioctls (<sys/ttycom.h>).
const (
	TIOCEXCL     = 0x2000740d
	TIOCNXCL     = 0x2000740e
	TIOCFLUSH    = 0x80047410
	TIOCGETA     = 0x40487413
	TIOCSETA     = 0x80487414
	TIOCSETAW    = 0x80487415
	TIOCSETAF    = 0x80487416
	TIOCGETD     = 0x4004741a
	TIOCSETD     = 0x8004741b
	TIOCIXON     = 0x20007481
	TIOCIXOFF    = 0x20007480
	TIOCSBRK     = 0x2000747b
	TIOCCBRK     = 0x2000747a
	TIOCSDTR     = 0x20007479
	TIOCCDTR     = 0x20007478
	TIOCGPGRP    = 0x40047477
	TIOCSPGRP    = 0x80047476
	TIOCOUTQ     = 0x40047473
	TIOCSTI      = 0x80017472
	TIOCNOTTY    = 0x20007471
	TIOCPKT      = 0x80047470
	TIOCSTOP     = 0x2000746f
	TIOCSTART    = 0x2000746e
	TIOCGWINSZ   = 0x40087468
	TIOCSWINSZ   = 0x80087467
	TIOCSTAT     = 0x20007465
	TIOCGSID     = 0x40047463
	TIOCSCTTY    = 0x20007461
	TIOCEXT      = 0x80047460
	TIOCSIG      = 0x2000745f
	TIOCDRAIN    = 0x2000745e
	TIOCPTYGRANT = 0x20007454
	TIOCPTYGNAME = 0x40807453
	TIOCPTYUNLK  = 0x20007452

	TIOCPKT_DATA       = 0x00
	TIOCPKT_FLUSHREAD  = 0x01
	TIOCPKT_FLUSHWRITE = 0x02
	TIOCPKT_STOP       = 0x04
	TIOCPKT_START      = 0x08
	TIOCPKT_NOSTOP     = 0x10
	TIOCPKT_DOSTOP     = 0x20
	TIOCPKT_IOCTL      = 0x40
)
