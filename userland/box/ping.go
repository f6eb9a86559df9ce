//go:build darwin

package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"os"
	"os/signal"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

func init() { register(map[string]tool{"ping": ping}) }

// ping asks a host of IPv4 by ICMP, from a datagram socket, which needs no rights. It ends
// with 0 if an answer came, 2 if none did. It knows addresses and localhost, no other names:
// nothing of the world would answer.
func ping(args []string) int {
	const use = "[-noq] [-c count] [-i wait] [-s size] [-t timeout] [-W waittime] host"
	c := &cmd{name: "ping"}
	o, ok := getopt(args, "noqc:i:s:t:W:", use)
	if !ok || len(o.args) != 1 {
		usage("ping", use)
		return 64
	}
	number := func(opt byte, otherwise, least float64) float64 {
		if !o.has(opt) {
			return otherwise
		}
		v, err := strconv.ParseFloat(o.value[opt], 64)
		if err != nil || !(v >= least && v < 1e9) {
			c.fail("invalid value of -%c: `%s'", opt, o.value[opt])
		}
		return v
	}
	seconds := func(v float64) time.Duration { return time.Duration(v * float64(time.Second)) }
	count := int(number('c', math.MaxInt32, 1))
	every, patience := seconds(number('i', 1, 0)), seconds(number('W', 10000, 0)/1000)
	size, whole := int(number('s', 56, 0)), seconds(number('t', 1e9, 1))
	if size > 65507 {
		c.fail("packet size too large: %d > 65507", size)
	}
	if c.status != 0 {
		return 64
	}
	host := o.args[0]
	if host == "localhost" {
		host = "127.0.0.1"
	}
	to, err := netip.ParseAddr(host)
	if err != nil || !to.Is4() {
		c.fail("cannot resolve %s: Unknown host", o.args[0])
		return 68
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, unix.IPPROTO_ICMP)
	if err != nil {
		c.warn("socket", err)
		return 71
	}
	p := &pinger{fd: fd, to: &unix.SockaddrInet4{Addr: to.As4()}, quiet: o.has('q'), size: size, id: uint16(os.Getpid())}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	end := time.Now().Add(whole)
	fmt.Fprintf(out, "PING %s (%s): %d data bytes\n", o.args[0], to, size)
	interrupted := func() bool {
		select {
		case <-stop:
			return true
		default:
			return false
		}
	}
	for seq := 0; seq < count && time.Now().Before(end) && !interrupted(); seq++ {
		out.Flush()
		if err := p.send(uint16(seq)); err != nil {
			c.warn("sendto", err)
			c.status = 0
		}
		wait := every
		if seq == count-1 {
			wait = patience
		}
		for until := time.Now().Add(min(wait, time.Until(end))); time.Now().Before(until) && !interrupted(); {
			if p.receive(until) && (seq == count-1 && len(p.times) >= p.sent || o.has('o')) {
				break
			}
		}
		if o.has('o') && len(p.times) > 0 {
			break
		}
	}
	p.statistics(o.args[0])
	if len(p.times) == 0 {
		return 2
	}
	return 0
}

// pinger is what one run knows.
type pinger struct {
	fd    int
	to    unix.Sockaddr
	quiet bool
	size  int
	id    uint16
	sent  int
	times []float64 // of the answers, in ms
}

func (p *pinger) send(seq uint16) error {
	be := binary.BigEndian
	b := make([]byte, 8+p.size)
	b[0] = 8 // ICMP_ECHO
	be.PutUint16(b[4:], p.id)
	be.PutUint16(b[6:], seq)
	if p.size >= 8 {
		be.PutUint64(b[8:], uint64(time.Now().UnixNano()))
	}
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(be.Uint16(b[i:]))
	}
	if len(b)%2 != 0 {
		sum += uint32(b[len(b)-1]) << 8
	}
	sum = sum>>16 + sum&0xffff
	be.PutUint16(b[2:], ^uint16(sum+sum>>16))
	p.sent++
	return unix.Sendto(p.fd, b, 0, p.to)
}

// receive waits for one packet; it says whether that was an answer to us.
func (p *pinger) receive(until time.Time) bool {
	left := unix.NsecToTimeval(max(time.Until(until), time.Microsecond).Nanoseconds())
	left.Usec = max(left.Usec, 1)
	unix.SetsockoptTimeval(p.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &left)
	b := make([]byte, 65536)
	n, from, err := unix.Recvfrom(p.fd, b, 0)
	if err != nil || n < 20 {
		return false
	}
	ttl, head := b[8], int(b[0]&15)*4
	if n < head+8 || b[head] != 0 || binary.BigEndian.Uint16(b[head+4:]) != p.id {
		return false
	}
	icmp := b[head:n]
	src, _ := from.(*unix.SockaddrInet4)
	if src == nil {
		return false
	}
	line := fmt.Sprintf("%d bytes from %s: icmp_seq=%d ttl=%d", len(icmp), netip.AddrFrom4(src.Addr), binary.BigEndian.Uint16(icmp[6:]), ttl)
	took := math.NaN()
	if len(icmp) >= 16 {
		took = float64(time.Now().UnixNano()-int64(binary.BigEndian.Uint64(icmp[8:]))) / 1e6
		line += fmt.Sprintf(" time=%.3f ms", took)
	}
	p.times = append(p.times, took)
	if !p.quiet {
		fmt.Fprintln(out, line)
	}
	return true
}

func (p *pinger) statistics(host string) {
	got := len(p.times)
	fmt.Fprintf(out, "\n--- %s ping statistics ---\n%d packets transmitted, %d packets received, %.1f%% packet loss\n", host,
		p.sent, got, float64(max(p.sent-got, 0))*100/float64(max(p.sent, 1)))
	if got == 0 || math.IsNaN(p.times[0]) {
		return
	}
	least, most, sum, squares := p.times[0], p.times[0], 0.0, 0.0
	for _, t := range p.times {
		least, most, sum, squares = min(least, t), max(most, t), sum+t, squares+t*t
	}
	avg := sum / float64(got)
	fmt.Fprintf(out, "round-trip min/avg/max/stddev = %.3f/%.3f/%.3f/%.3f ms\n", least, avg, most, math.Sqrt(max(squares/float64(got)-avg*avg, 0)))
}
