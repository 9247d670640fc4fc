package entry

import (
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Handlers are the endpoints for servers on net/http: what they answer, by the patterns of ServeMux. Name
// is the server's in each response; a server that names itself gives none.
func (app *App) Handlers(name string) map[string]http.HandlerFunc {
	h := handlers{app: app}
	routes := map[string]http.HandlerFunc{
		"GET /plaintext":     func(w http.ResponseWriter, _ *http.Request) { Text(w, http.StatusOK, HelloWorld) },
		"GET /json":          func(w http.ResponseWriter, _ *http.Request) { jsonOf(w, Message{Message: HelloWorld}) },
		"POST /echo":         h.echo,
		"POST /upload":       h.upload,
		"GET /users/{id}":    h.user,
		"GET /search":        h.search,
		"GET /delay/{ms}":    h.delay,
		"GET /static/{file}": h.static,
	}
	if app.Database != nil {
		for _, path := range RowPaths {
			routes["GET "+path] = h.rows
		}
	}
	if name == "" {
		return routes
	}
	for pattern, handler := range routes {
		routes[pattern] = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Server", name)
			handler(w, r)
		}
	}
	return routes
}

type handlers struct {
	app *App
}

// Text answers with a text.
func Text(w http.ResponseWriter, status int, body string) {
	send(w, status, "text/plain", []byte(body))
}

func jsonOf(w http.ResponseWriter, value any) {
	send(w, http.StatusOK, "application/json", Encode(value))
}

func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func (h handlers) echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, EchoLimit))
	if long := new(http.MaxBytesError); errors.As(err, &long) {
		Text(w, http.StatusRequestEntityTooLarge, "body is over 1 MiB")
		return
	}
	if err == nil {
		body, err = Echo(body)
	}
	if err != nil {
		Text(w, http.StatusBadRequest, ErrNotJSON.Error())
		return
	}
	send(w, http.StatusOK, "application/json", body)
}

func (h handlers) upload(w http.ResponseWriter, r *http.Request) {
	sum := crc32.NewIEEE()
	length, err := io.Copy(sum, r.Body)
	if err != nil {
		Text(w, http.StatusBadRequest, "body is incomplete")
		return
	}
	jsonOf(w, Receipt(length, sum.Sum32()))
}

func (h handlers) user(w http.ResponseWriter, r *http.Request) {
	if id, ok := UserID(r.PathValue("id")); ok {
		jsonOf(w, UserOf(id))
		return
	}
	Text(w, http.StatusBadRequest, "id is not 1 to 9007199254740991")
}

func (h handlers) search(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if answer, ok := SearchFor(query.Get("q"), query.Get("limit")); ok {
		// The standard encoder escapes <, > and &, which is the same JSON.
		jsonOf(w, answer)
		return
	}
	Text(w, http.StatusBadRequest, "q is missing, empty or not UTF-8")
}

func (h handlers) delay(w http.ResponseWriter, r *http.Request) {
	ms, ok := DelayMS(r.PathValue("ms"))
	if !ok {
		Text(w, http.StatusBadRequest, "delay is not 0 to 10000 ms")
		return
	}
	time.Sleep(time.Duration(ms) * time.Millisecond)
	jsonOf(w, Delayed{MS: ms})
}

func (h handlers) static(w http.ResponseWriter, r *http.Request) {
	file, ok := h.app.Files[r.PathValue("file")]
	if !ok {
		Text(w, http.StatusNotFound, "no such file")
		return
	}
	joined := func(name string) string { return strings.Join(r.Header.Values(name), ", ") }
	decided := Decide(file, r.Method, joined)
	for _, field := range decided.Fields {
		w.Header()[field[0]] = []string{field[1]}
	}
	if decided.Status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.Itoa(len(decided.Body)))
	}
	w.WriteHeader(decided.Status)
	_, _ = w.Write(decided.Body)
}

func (h handlers) rows(w http.ResponseWriter, r *http.Request) {
	contentType, body, err := h.app.Database.Rows(r.URL.Path, first(r.URL.RawQuery, "queries"))
	if err != nil {
		Text(w, http.StatusServiceUnavailable, Unavailable)
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
