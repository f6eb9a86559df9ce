//go:build darwin

// Web serves HTTP on the loopback and is its own client, then stays, for others
// to look at, until its input ends.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	http.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello, %s", r.URL.Query().Get("name"))
	})
	go http.Serve(ln, nil)

	const n = 1000
	begin := time.Now()
	for i := range n {
		resp, err := http.Get(fmt.Sprintf("http://%s/hello?name=%d", ln.Addr(), i))
		check(err)
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		check(err)
		if want := fmt.Sprintf("hello, %d", i); string(body) != want {
			check(fmt.Errorf("got %q, want %q", body, want))
		}
	}
	d := time.Since(begin)
	fmt.Printf("served %d requests on %s, %.0f a second\n", n, ln.Addr(), n/d.Seconds())
	io.Copy(io.Discard, os.Stdin)
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
