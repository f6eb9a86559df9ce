// Package tty has terminals: the line discipline, job control, pseudo terminals
// and the machine's console.
//
// A Tty is a terminal with its input queues, its output queue and its modes. A
// line is what joins a Tty to the world beyond: the master of a pty, or the
// host's terminal. Open gives the FileOps of one open file on a Tty. Ptys makes
// pairs (/dev/ptmx, /dev/ttysNNN). A Console is a Tty on the host's terminal; a
// HostFile is a host descriptor that is no terminal.
//
// Processes are known by numbers only: Jobs is what their room supplies.
//
// # What it promises
//
//   - Input is taken as termios says: canonical lines, or VMIN and VTIME;
//     editing with echo; signals to the foreground group; flow control.
//   - A reader in the background gets SIGTTIN, a writer with TOSTOP and a change
//     of modes SIGTTOU; EIO where the signal would have no effect or the group
//     is orphaned. The call returns EINTR and is expected to be restarted.
//   - When the master goes, the session's leader gets SIGHUP, readers the end of
//     file, writers EIO.
//
// # Lock order
//
// Tty.mu, then Klist.mu. Jobs is never called with Tty.mu held: signals that
// arise under it are collected and sent by unlock.
//
// # What it does not do
//
// Parity, breaks and modem lines do not exist on these terminals. ^T sends
// SIGINFO and prints no line. Terminal multiplexers of the old style (TIOCUCNTL,
// TIOCREMOTE, the sgtty ioctls) are ENOTTY.
//
// Sources: <sys/termios.h>, <sys/ttycom.h>, termios(4), tty(4), pty(4).
package tty
