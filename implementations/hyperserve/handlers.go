package main

import (
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"httpdyno/entry"
)

// handlers answer the endpoints; routing is HyperServe's.
type handlers struct {
	app *entry.App
}

// routes are the patterns of net/http's ServeMux, which HyperServe takes.
func (h handlers) routes() map[string]http.HandlerFunc {
	routes := map[string]http.HandlerFunc{
		"GET /plaintext": func(w http.ResponseWriter, _ *http.Request) {
			text(w, http.StatusOK, entry.HelloWorld)
		},
		"GET /json": func(w http.ResponseWriter, _ *http.Request) {
			jsonOf(w, entry.Message{Message: entry.HelloWorld})
		},
		"POST /echo":         h.echo,
		"POST /upload":       h.upload,
		"GET /users/{id}":    h.user,
		"GET /search":        h.search,
		"GET /delay/{ms}":    h.delay,
		"GET /static/{file}": h.static,
	}
	if h.app.Database != nil {
		for _, path := range entry.RowPaths {
			routes["GET "+path] = h.rows
		}
	}
	return routes
}

func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	header := w.Header()
	header.Set("Server", "hyperserve")
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

func (h handlers) echo(w http.ResponseWriter, r *http.Request) {
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

func (h handlers) upload(w http.ResponseWriter, r *http.Request) {
	sum := crc32.NewIEEE()
	length, err := io.Copy(sum, r.Body)
	if err != nil {
		text(w, http.StatusBadRequest, "body is incomplete")
		return
	}
	jsonOf(w, entry.Receipt(length, sum.Sum32()))
}

func (h handlers) user(w http.ResponseWriter, r *http.Request) {
	if id, ok := entry.UserID(r.PathValue("id")); ok {
		jsonOf(w, entry.UserOf(id))
		return
	}
	text(w, http.StatusBadRequest, "id is not 1 to 9007199254740991")
}

func (h handlers) search(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if answer, ok := entry.SearchFor(query.Get("q"), query.Get("limit")); ok {
		jsonOf(w, answer)
		return
	}
	text(w, http.StatusBadRequest, "q is missing, empty or not UTF-8")
}

func (h handlers) delay(w http.ResponseWriter, r *http.Request) {
	ms, ok := entry.DelayMS(r.PathValue("ms"))
	if !ok {
		text(w, http.StatusBadRequest, "delay is not 0 to 10000 ms")
		return
	}
	time.Sleep(time.Duration(ms) * time.Millisecond)
	jsonOf(w, entry.Delayed{MS: ms})
}

func (h handlers) static(w http.ResponseWriter, r *http.Request) {
	file, ok := h.app.Files[r.PathValue("file")]
	if !ok {
		text(w, http.StatusNotFound, "no such file")
		return
	}
	joined := func(name string) string { return strings.Join(r.Header.Values(name), ", ") }
	decided := entry.Decide(file, r.Method, joined)
	header := w.Header()
	header.Set("Server", "hyperserve")
	for _, field := range decided.Fields {
		header[field[0]] = []string{field[1]}
	}
	if decided.Status != http.StatusNotModified {
		header.Set("Content-Length", strconv.Itoa(len(decided.Body)))
	}
	w.WriteHeader(decided.Status)
	_, _ = w.Write(decided.Body)
}

func (h handlers) rows(w http.ResponseWriter, r *http.Request) {
	contentType, body, err := h.app.Database.Rows(r.URL.Path, r.URL.Query().Get("queries"))
	if err != nil {
		text(w, http.StatusServiceUnavailable, entry.Unavailable)
		return
	}
	send(w, http.StatusOK, contentType, body)
}
