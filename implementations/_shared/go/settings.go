package entry

import (
	"fmt"
	"net"
	"strconv"
)

// Settings is the environment that an entry is started with.
type Settings struct {
	Address      string
	Workers      int
	StaticDir    string
	DatabaseURL  string
	DatabasePool int
}

// ReadSettings reads the environment; an error names the variable with its value.
func ReadSettings(lookup func(string) string) (Settings, error) {
	host, port := lookup("HOST"), lookup("PORT")
	if net.ParseIP(host) == nil {
		return Settings{}, wrong("HOST", host, "an IP Address to bind, such as 127.0.0.1")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return Settings{}, wrong("PORT", port, "a TCP port, 0 to 65535")
	}
	Workers, err := strconv.Atoi(lookup("WORKERS"))
	if err != nil || Workers < 1 {
		return Settings{}, wrong("WORKERS", lookup("WORKERS"), "the number of cores, 1 or more")
	}
	read := Settings{Address: net.JoinHostPort(host, port), Workers: Workers, StaticDir: lookup("STATIC_DIR")}
	read.DatabaseURL = lookup("DATABASE_URL")
	if read.DatabaseURL == "" {
		return read, nil
	}
	pool, err := strconv.ParseInt(lookup("DATABASE_POOL"), 10, 32)
	if err != nil || pool < 1 {
		return Settings{}, wrong("DATABASE_POOL", lookup("DATABASE_POOL"), "the number of database connections, 1 or more")
	}
	read.DatabasePool = int(pool)
	return read, nil
}

func wrong(name, value, expected string) error {
	return fmt.Errorf("environment variable %s is %q: expected %s", name, value, expected)
}
