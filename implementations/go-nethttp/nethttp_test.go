package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"httpdyno/entry"
)

// What takes longer than anybody should wait: Shutdown alone gives a connection without a request 5 s.
func TestAConnectionWithoutARequestDoesNotHoldUpTheEnd(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := newNetHTTP(&entry.App{}).(*netHTTP)
	served := make(chan error, 1)
	go func() { served <- n.serve(listener) }()
	silent, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	// Connections are accepted in the order of their coming: after this answer, the silent one is known.
	answer, err := http.Get("http://" + listener.Addr().String() + "/plaintext")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	answer.Body.Close()

	limited, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	if err := n.shutdown(limited); errors.Is(err, context.DeadlineExceeded) {
		t.Error("it waited for the connection until its time was over")
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	_ = silent.SetReadDeadline(time.Now().Add(time.Minute))
	if count, err := silent.Read(make([]byte, 1)); count != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("%d bytes and %v, want the connection's end", count, err)
	}
}
