package main

import (
	"context"
	"errors"
	"hash/crc32"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"httpdyno/entry"
)

// netHTTP serves with the standard library.
type netHTTP struct {
	server http.Server
	app    *entry.App
	// fresh are the connections on which no request has begun.
	fresh sync.Map
}

// freshLimit is how long after SIGTERM a connection may take to begin its first request. Shutdown would
// wait 5 s for it, longer than all of drainLimit.
const freshLimit = time.Second

func newNetHTTP(app *entry.App) engine {
	n := &netHTTP{app: app}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /plaintext", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, entry.HelloWorld) })
	mux.HandleFunc("GET /json", func(w http.ResponseWriter, _ *http.Request) { jsonOf(w, entry.Message{Message: entry.HelloWorld}) })
	mux.HandleFunc("POST /echo", n.echo)
	mux.HandleFunc("POST /upload", n.upload)
	mux.HandleFunc("GET /users/{id}", n.user)
	mux.HandleFunc("GET /search", n.search)
	mux.HandleFunc("GET /delay/{ms}", n.delay)
	mux.HandleFunc("GET /static/{file}", n.static)
	if app.Database != nil {
		for _, path := range entry.RowPaths {
			mux.HandleFunc("GET "+path, n.rows)
		}
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
			text(w, http.StatusNotFound, "not found")
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

func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func text(w http.ResponseWriter, status int, body string) {
	send(w, status, "text/plain", []byte(body))
}

func jsonOf(w http.ResponseWriter, value any) {
	send(w, http.StatusOK, "application/json", entry.Encode(value))
}

func (n *netHTTP) echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, entry.EchoLimit))
	if long := new(http.MaxBytesError); errors.As(err, &long) {
		text(w, http.StatusRequestEntityTooLarge, "body is over 1 MiB")
		return
	}
	if err == nil {
		body, err = entry.Echo(body)
	}
	if err != nil {
		text(w, http.StatusBadRequest, entry.ErrNotJSON.Error())
		return
	}
	send(w, http.StatusOK, "application/json", body)
}

func (n *netHTTP) upload(w http.ResponseWriter, r *http.Request) {
	sum := crc32.NewIEEE()
	length, err := io.Copy(sum, r.Body)
	if err != nil {
		text(w, http.StatusBadRequest, "body is incomplete")
		return
	}
	jsonOf(w, entry.Receipt(length, sum.Sum32()))
}

func (n *netHTTP) user(w http.ResponseWriter, r *http.Request) {
	if id, ok := entry.UserID(r.PathValue("id")); ok {
		jsonOf(w, entry.UserOf(id))
		return
	}
	text(w, http.StatusBadRequest, "id is not 1 to 9007199254740991")
}

func (n *netHTTP) search(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if answer, ok := entry.SearchFor(query.Get("q"), query.Get("limit")); ok {
		// The standard encoder escapes <, > and &, which is the same JSON.
		jsonOf(w, answer)
		return
	}
	text(w, http.StatusBadRequest, "q is missing, empty or not UTF-8")
}

func (n *netHTTP) delay(w http.ResponseWriter, r *http.Request) {
	ms, ok := entry.DelayMS(r.PathValue("ms"))
	if !ok {
		text(w, http.StatusBadRequest, "delay is not 0 to 10000 ms")
		return
	}
	time.Sleep(time.Duration(ms) * time.Millisecond)
	jsonOf(w, entry.Delayed{MS: ms})
}

func (n *netHTTP) static(w http.ResponseWriter, r *http.Request) {
	file, ok := n.app.Files[r.PathValue("file")]
	if !ok {
		text(w, http.StatusNotFound, "no such file")
		return
	}
	joined := func(name string) string { return strings.Join(r.Header.Values(name), ", ") }
	decided := entry.Decide(file, r.Method, joined)
	for _, field := range decided.Fields {
		w.Header()[field[0]] = []string{field[1]}
	}
	if decided.Status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.Itoa(len(decided.Body)))
	}
	w.WriteHeader(decided.Status)
	_, _ = w.Write(decided.Body)
}

func (n *netHTTP) rows(w http.ResponseWriter, r *http.Request) {
	contentType, body, err := n.app.Database.Rows(r.URL.Path, first(r.URL.RawQuery, "queries"))
	if err != nil {
		text(w, http.StatusServiceUnavailable, entry.Unavailable)
		return
	}
	send(w, http.StatusOK, contentType, body)
}

// first is the first parameter of this name, decoded.
func first(query, name string) string {
	if query == "" {
		return ""
	}
	values, _ := url.ParseQuery(query)
	return values.Get(name)
}
