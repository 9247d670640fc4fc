// Command go-nethttp serves the contract of spec/contract.md with net/http or, as a variant, with
// fasthttp; both with pgx for PostgreSQL.
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

// engine is one of the two HTTP servers.
type engine interface {
	// serve accepts until shutdown is called; nil after that.
	serve(listener net.Listener) error
	// shutdown answers what is in flight.
	shutdown(ctx context.Context) error
}

func main() {
	name := flag.String("engine", "net/http", "net/http or fasthttp")
	version := flag.Bool("version", false, "print the versions of both engines")
	flag.Parse()
	if err := run(*name, *version); err != nil {
		fmt.Fprintf(os.Stderr, "go-nethttp: %v\n", err)
		os.Exit(1)
	}
}

func run(name string, version bool) error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: usage: go-nethttp [-engine net/http|fasthttp] [-version]", flag.Arg(0))
	}
	if name != "net/http" && name != "fasthttp" {
		return fmt.Errorf("unknown engine %q: expected net/http or fasthttp", name)
	}
	if version {
		fmt.Println(entry.Versions("github.com/valyala/fasthttp"))
		return nil
	}
	return serve(name)
}

func serve(name string) error {
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
	var server engine = newNetHTTP(app)
	if name == "fasthttp" {
		server = newFastHTTP(app)
	}
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
