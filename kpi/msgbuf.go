package kpi

import (
	"strings"
	"sync"
)

// MessageBufferSize is the kernel's message buffer's, bytes.
const MessageBufferSize = 128 << 10

// MessageBuffer is the msgbuf: the last bytes that the kernel printed. Any
// goroutine may use it.
type MessageBuffer struct {
	mu   sync.Mutex
	b    []byte
	size int
	n    uint64 // written ever
}

// NewMessageBuffer makes one of size bytes.
func NewMessageBuffer(size int) *MessageBuffer { return &MessageBuffer{size: size} }

// WriteString adds to it.
func (m *MessageBuffer) WriteString(s string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n += uint64(len(s))
	m.b = append(m.b, s...)
	if over := len(m.b) - m.size; over > m.size/4 {
		m.b = append([]byte(nil), m.b[over:]...)
	}
}

// String is what is in it, the oldest first.
func (m *MessageBuffer) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return string(m.b[max(0, len(m.b)-m.size):])
}

// Written is how many bytes have been written since boot.
func (m *MessageBuffer) Written() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.n
}

// print writes to the message buffer and the console.
func (k *KernelTask) print(s string) {
	k.Messages.WriteString(s)
	if k.cfg.Console != nil {
		k.cfg.Console.Write([]byte(strings.ReplaceAll(s, "\x00", "")))
	}
}

// Printf-like messages of the kernel itself go by Log.
func (k *KernelTask) Log(s string) { k.print(s) }
