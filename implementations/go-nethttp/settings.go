package main

import (
	"fmt"
	"net"
	"strconv"
)

// settings is the environment that an entry is started with.
type settings struct {
	address      string
	workers      int
	staticDir    string
	databaseURL  string
	databasePool int
}

func readSettings(lookup func(string) string) (settings, error) {
	host, port := lookup("HOST"), lookup("PORT")
	if net.ParseIP(host) == nil {
		return settings{}, wrong("HOST", host, "an IP address to bind, such as 127.0.0.1")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return settings{}, wrong("PORT", port, "a TCP port, 0 to 65535")
	}
	workers, err := strconv.Atoi(lookup("WORKERS"))
	if err != nil || workers < 1 {
		return settings{}, wrong("WORKERS", lookup("WORKERS"), "the number of cores, 1 or more")
	}
	read := settings{address: net.JoinHostPort(host, port), workers: workers, staticDir: lookup("STATIC_DIR")}
	read.databaseURL = lookup("DATABASE_URL")
	if read.databaseURL == "" {
		return read, nil
	}
	pool, err := strconv.ParseInt(lookup("DATABASE_POOL"), 10, 32)
	if err != nil || pool < 1 {
		return settings{}, wrong("DATABASE_POOL", lookup("DATABASE_POOL"), "the number of database connections, 1 or more")
	}
	read.databasePool = int(pool)
	return read, nil
}

func wrong(name, value, expected string) error {
	return fmt.Errorf("environment variable %s is %q: expected %s", name, value, expected)
}
