package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"httpdyno/entry"
)

// server is net/http with gin's handler.
type server struct {
	http http.Server
	// fresh are the connections on which no request has begun.
	fresh sync.Map
}

// freshLimit is how long after SIGTERM a connection may take to begin its first request. Shutdown would
// wait 5 s for it, longer than all of drainLimit.
const freshLimit = time.Second

func newServer(app *entry.App) *server {
	s := &server{}
	s.http = http.Server{
		Handler: routes(app),
		// What the documentation of net/http advises for servers that strangers can reach.
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		// It tells of every client that breaks a connection.
		ErrorLog:  log.New(io.Discard, "", 0),
		ConnState: s.keepFresh,
	}
	return s
}

func (s *server) serve(listener net.Listener) error {
	if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// keepFresh keeps which connections are fresh.
func (s *server) keepFresh(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.fresh.Store(conn, nil)
	case http.StateActive, http.StateClosed:
		s.fresh.Delete(conn)
	}
}

func (s *server) shutdown(ctx context.Context) error {
	limit := time.Now().Add(freshLimit)
	s.fresh.Range(func(conn, _ any) bool {
		// A request that has begun sets its own.
		_ = conn.(net.Conn).SetReadDeadline(limit)
		return true
	})
	return s.http.Shutdown(ctx)
}
