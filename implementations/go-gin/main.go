// Command go-gin serves the contract of spec/contract.md with gin on net/http, and pgx for PostgreSQL.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"httpdyno/entry"
)

// drainLimit is how long requests in flight may take after SIGTERM; the contract asks for an exit
// within 5 s.
const drainLimit = 4 * time.Second

func main() {
	version := flag.Bool("version", false, "print the versions of gin and Go")
	flag.Parse()
	if *version {
		fmt.Println(entry.Versions("github.com/gin-gonic/gin"))
		return
	}
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "go-gin: %v\n", err)
		os.Exit(1)
	}
}

func run() error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: usage: go-gin [-version]", flag.Arg(0))
	}
	// Before the port answers, so that no SIGTERM finds the default action.
	stopping, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	settings, err := entry.ReadSettings(os.Getenv)
	if err != nil {
		return err
	}
	app, err := entry.Load(settings)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", settings.Address)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "listening on %s\n", listener.Addr())
	server := newServer(app)
	failed := make(chan error, 1)
	go func() { failed <- server.serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-stopping.Done():
	}
	limited, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	// What is not done by then ends with the process.
	_ = server.shutdown(limited)
	return nil
}
