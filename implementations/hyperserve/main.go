// Command hyperserve serves the contract of spec/contract.md with HyperServe, and pgx for PostgreSQL.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/osauer/hyperserve"

	"httpdyno/entry"
)

func main() {
	version := flag.Bool("version", false, "print the version of HyperServe")
	flag.Parse()
	if *version {
		fmt.Println(entry.Versions("github.com/osauer/hyperserve"))
		return
	}
	if err := serve(); err != nil {
		fmt.Fprintf(os.Stderr, "hyperserve: %v\n", err)
		os.Exit(1)
	}
}

// serve runs until SIGTERM, which HyperServe takes itself: it answers what is in flight, and returns.
func serve() error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: usage: hyperserve [-version]", flag.Arg(0))
	}
	settings, err := entry.ReadSettings(os.Getenv)
	if err != nil {
		return err
	}
	app, err := entry.Load(settings)
	if err != nil {
		return err
	}
	// It logs each request at INFO.
	if err := os.Setenv("HS_LOG_LEVEL", "ERROR"); err != nil {
		return err
	}
	server, err := hyperserve.NewServer(hyperserve.WithAddr(settings.Address))
	if err != nil {
		return err
	}
	for pattern, handler := range app.Handlers("hyperserve") {
		server.HandleFunc(pattern, handler)
	}
	return server.Run()
}
