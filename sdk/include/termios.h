/* Terminals. */
#ifndef _TERMIOS_H_
#define _TERMIOS_H_
#include <sys/types.h>
typedef unsigned long tcflag_t, speed_t;
typedef unsigned char cc_t;
#define NCCS 20
struct termios {
	tcflag_t c_iflag, c_oflag, c_cflag, c_lflag;
	cc_t c_cc[NCCS];
	speed_t c_ispeed, c_ospeed;
};
#define TCSANOW 0
#define TCSADRAIN 1
#define TCSASOFT 0x10
#define ALTWERASE                0x200
#define B0                       0x0
#define B110                     0x6e
#define B115200                  0x1c200
#define B1200                    0x4b0
#define B134                     0x86
#define B14400                   0x3840
#define B150                     0x96
#define B1800                    0x708
#define B19200                   0x4b00
#define B200                     0xc8
#define B230400                  0x38400
#define B2400                    0x960
#define B28800                   0x7080
#define B300                     0x12c
#define B38400                   0x9600
#define B4800                    0x12c0
#define B50                      0x32
#define B57600                   0xe100
#define B600                     0x258
#define B7200                    0x1c20
#define B75                      0x4b
#define B76800                   0x12c00
#define B9600                    0x2580
#define BRKINT                   0x2
#define BS0                      0x0
#define BS1                      0x8000
#define BSDLY                    0x8000
#define CLOCAL                   0x8000
#define CR0                      0x0
#define CR1                      0x1000
#define CR2                      0x2000
#define CR3                      0x3000
#define CRDLY                    0x3000
#define CREAD                    0x800
#define CRTSCTS                  0x30000
#define CS5                      0x0
#define CS6                      0x100
#define CS7                      0x200
#define CS8                      0x300
#define CSIZE                    0x300
#define CSTOPB                   0x400
#define ECHO                     0x8
#define ECHOCTL                  0x40
#define ECHOE                    0x2
#define ECHOK                    0x4
#define ECHOKE                   0x1
#define ECHONL                   0x10
#define ECHOPRT                  0x20
#define EXTA                     0x4b00
#define EXTB                     0x9600
#define EXTPROC                  0x800
#define FF0                      0x0
#define FF1                      0x4000
#define FFDLY                    0x4000
#define FLUSHO                   0x800000
#define HUPCL                    0x4000
#define ICANON                   0x100
#define ICRNL                    0x100
#define IEXTEN                   0x400
#define IGNBRK                   0x1
#define IGNCR                    0x80
#define IGNPAR                   0x4
#define IMAXBEL                  0x2000
#define INLCR                    0x40
#define INPCK                    0x10
#define ISIG                     0x80
#define ISTRIP                   0x20
#define IUTF8                    0x4000
#define IXANY                    0x800
#define IXOFF                    0x400
#define IXON                     0x200
#define NL0                      0x0
#define NL1                      0x100
#define NL2                      0x200
#define NL3                      0x300
#define NLDLY                    0x300
#define NOFLSH                   0x80000000
#define NOKERNINFO               0x2000000
#define OCRNL                    0x10
#define OFDEL                    0x20000
#define OFILL                    0x80
#define ONLCR                    0x2
#define ONLRET                   0x40
#define ONOCR                    0x20
#define ONOEOT                   0x8
#define OPOST                    0x1
#define OXTABS                   0x4
#define PARENB                   0x1000
#define PARMRK                   0x8
#define PARODD                   0x2000
#define PENDIN                   0x20000000
#define TAB0                     0x0
#define TAB1                     0x400
#define TAB2                     0x800
#define TAB3                     0x4
#define TABDLY                   0xc04
#define TCIFLUSH                 0x1
#define TCIOFF                   0x3
#define TCIOFLUSH                0x3
#define TCION                    0x4
#define TCOFLUSH                 0x2
#define TCOOFF                   0x1
#define TCOON                    0x2
#define TCSAFLUSH                0x2
#define TOSTOP                   0x400000
#define VDISCARD                 0xf
#define VDSUSP                   0xb
#define VEOF                     0x0
#define VEOL                     0x1
#define VEOL2                    0x2
#define VERASE                   0x3
#define VINTR                    0x8
#define VKILL                    0x5
#define VLNEXT                   0xe
#define VMIN                     0x10
#define VQUIT                    0x9
#define VREPRINT                 0x6
#define VSTART                   0xc
#define VSTATUS                  0x12
#define VSTOP                    0xd
#define VSUSP                    0xa
#define VT0                      0x0
#define VT1                      0x10000
#define VTDLY                    0x10000
#define VTIME                    0x11
#define VWERASE                  0x4
#define _POSIX_VDISABLE ((unsigned char)0xff)
__BEGIN_DECLS
int tcgetattr(int, struct termios *);
int tcsetattr(int, int, const struct termios *);
int tcdrain(int);
int tcflow(int, int);
int tcflush(int, int);
int tcsendbreak(int, int);
pid_t tcgetsid(int);
void cfmakeraw(struct termios *);
speed_t cfgetispeed(const struct termios *);
speed_t cfgetospeed(const struct termios *);
int cfsetispeed(struct termios *, speed_t);
int cfsetospeed(struct termios *, speed_t);
int cfsetspeed(struct termios *, speed_t);
__END_DECLS
#endif
