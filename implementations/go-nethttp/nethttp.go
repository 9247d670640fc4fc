package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"httpdyno/entry"
)

// netHTTP serves with the standard library.
type netHTTP struct {
	server http.Server
	// fresh are the connections on which no request has begun.
	fresh sync.Map
}

// freshLimit is how long after SIGTERM a connection may take to begin its first request. Shutdown would
// wait 5 s for it, longer than all of drainLimit.
const freshLimit = time.Second

func newNetHTTP(app *entry.App) engine {
	n := &netHTTP{}
	mux := http.NewServeMux()
	for pattern, handler := range app.Handlers("") {
		mux.HandleFunc(pattern, handler)
	}
	n.server = http.Server{
		Handler: exactly(mux),
		// What the documentation of net/http advises for servers that strangers can reach.
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		// It tells of every client that breaks a connection.
		ErrorLog:  log.New(io.Discard, "", 0),
		ConnState: n.keepFresh,
	}
	return n
}

// exactly keeps ServeMux from redirecting paths that it would clean and from decoding what it
// compares: paths are compared byte by byte.
func exactly(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", "net/http")
		path := r.URL.EscapedPath()
		plain := strings.HasPrefix(path, "/static/") || !strings.Contains(path, "%")
		if path != "*" && (!plain || strings.Contains(path, "//") || strings.Contains(path, "/.") || path == "") {
			entry.Text(w, http.StatusNotFound, "not found")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (n *netHTTP) serve(listener net.Listener) error {
	if err := n.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// keepFresh keeps which connections are fresh.
func (n *netHTTP) keepFresh(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		n.fresh.Store(conn, nil)
	case http.StateActive, http.StateClosed:
		n.fresh.Delete(conn)
	}
}

func (n *netHTTP) shutdown(ctx context.Context) error {
	limit := time.Now().Add(freshLimit)
	n.fresh.Range(func(conn, _ any) bool {
		// A request that has begun sets its own.
		_ = conn.(net.Conn).SetReadDeadline(limit)
		return true
	})
	return n.server.Shutdown(ctx)
}
