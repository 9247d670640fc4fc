// net/http under spec/contract.md: starts, serves, drains. What is answered is in answers.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// drainLimit is how long requests in flight have after SIGTERM; the contract asks for an exit within 5 s.
const drainLimit = 4 * time.Second

func main() {
	if len(os.Args) > 1 && os.Args[1] == "-version" {
		fmt.Println("net/http", runtime.Version())
		return
	}
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "new-entry:", err)
		os.Exit(1)
	}
}

// setting is a variable of the environment.
func setting(name, otherwise string) string {
	if value, ok := os.LookupEnv(name); ok {
		return value
	}
	return otherwise
}

func serve() error {
	workers, err := strconv.Atoi(setting("WORKERS", "1"))
	if err != nil || workers < 1 {
		return fmt.Errorf("WORKERS is %q: expected a whole number, 1 or more", os.Getenv("WORKERS"))
	}
	runtime.GOMAXPROCS(workers)
	// Before the port answers, so that no SIGTERM finds the default action.
	stopped, forget := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer forget()
	listener, err := net.Listen("tcp", net.JoinHostPort(setting("HOST", "127.0.0.1"), setting("PORT", "8080")))
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "listening on", listener.Addr())
	server := &http.Server{
		Handler:           http.HandlerFunc(answer),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-stopped.Done():
	}
	limit, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	if err := server.Shutdown(limit); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
