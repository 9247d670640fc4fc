package main

import (
	"bytes"
	"context"
	"hash/crc32"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
	"httpdyno/entry"
)

// fastHTTP serves with fasthttp.
type fastHTTP struct {
	server fasthttp.Server
	app    *entry.App
}

func newFastHTTP(app *entry.App) engine {
	f := &fastHTTP{app: app}
	f.server = fasthttp.Server{
		Handler: f.handle,
		Name:    "fasthttp",
		// Bodies are read by the endpoints: /upload has no limit and keeps nothing.
		StreamRequestBody:  true,
		MaxRequestBodySize: entry.EchoLimit,
		ReadBufferSize:     64 << 10,
		IdleTimeout:        2 * time.Minute,
		CloseOnShutdown:    true,
		Logger:             quiet{},
	}
	return f
}

// quiet drops what fasthttp tells of every client that breaks a connection.
type quiet struct{}

func (quiet) Printf(string, ...any) {}

func (f *fastHTTP) serve(listener net.Listener) error {
	return f.server.Serve(listener)
}

func (f *fastHTTP) shutdown(ctx context.Context) error {
	return f.server.ShutdownWithContext(ctx)
}

// handle reads the content that no endpoint asks for, and answers. fasthttp reads a streamed body for
// nobody: what is left of it would be the next request.
func (f *fastHTTP) handle(ctx *fasthttp.RequestCtx) {
	path, _, _ := strings.Cut(string(ctx.URI().PathOriginal()), "?")
	takesContent := ctx.IsPost() && (path == "/echo" || path == "/upload")
	// Of a stream at its end, a second read would take what follows for a chunk.
	if stream := ctx.RequestBodyStream(); stream != nil && !takesContent {
		read, err := io.Copy(io.Discard, io.LimitReader(stream, entry.EchoLimit))
		if err != nil || read == entry.EchoLimit {
			ctx.SetConnectionClose()
		}
	}
	f.answer(ctx)
}

func (f *fastHTTP) answer(ctx *fasthttp.RequestCtx) {
	// What fasthttp leaves to its user: it knows "close" only alone and in lower case, and asks for
	// no Host.
	for _, line := range ctx.Request.Header.PeekAll("Connection") {
		for _, option := range strings.Split(string(line), ",") {
			if strings.EqualFold(strings.TrimSpace(option), "close") {
				ctx.SetConnectionClose()
			}
		}
	}
	if ctx.Request.Header.IsHTTP11() && len(ctx.Request.Header.Host()) == 0 {
		ctx.SetConnectionClose()
		plain(ctx, fasthttp.StatusBadRequest, "no host field")
		return
	}
	// As it came: paths are compared byte by byte.
	path, _, _ := strings.Cut(string(ctx.URI().PathOriginal()), "?")
	collection, segment, deep := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if deep && (segment == "" || strings.Contains(segment, "/")) {
		plain(ctx, fasthttp.StatusNotFound, "not found")
		return
	}
	switch {
	case path == "/plaintext":
		f.get(ctx, func() { plain(ctx, fasthttp.StatusOK, entry.HelloWorld) })
	case path == "/json":
		f.get(ctx, func() { object(ctx, entry.Message{Message: entry.HelloWorld}) })
	case path == "/search":
		f.get(ctx, func() { f.search(ctx) })
	case path == "/echo":
		f.post(ctx, func() { f.echo(ctx) })
	case path == "/upload":
		f.post(ctx, func() { f.upload(ctx) })
	case deep && collection == "users":
		f.get(ctx, func() { f.user(ctx, segment) })
	case deep && collection == "delay":
		f.get(ctx, func() { f.delay(ctx, segment) })
	case deep && collection == "static":
		f.get(ctx, func() { f.static(ctx, segment) })
	case f.app.Database != nil && entry.HasRows(path):
		f.get(ctx, func() { f.rows(ctx, path) })
	default:
		plain(ctx, fasthttp.StatusNotFound, "not found")
	}
}

func (f *fastHTTP) get(ctx *fasthttp.RequestCtx, answer func()) {
	if ctx.IsGet() || ctx.IsHead() {
		answer()
		return
	}
	ctx.Response.Header.Set("Allow", "GET, HEAD")
	plain(ctx, fasthttp.StatusMethodNotAllowed, "method not allowed")
}

func (f *fastHTTP) post(ctx *fasthttp.RequestCtx, answer func()) {
	if ctx.IsPost() {
		answer()
		return
	}
	ctx.Response.Header.Set("Allow", "POST")
	plain(ctx, fasthttp.StatusMethodNotAllowed, "method not allowed")
}

func respond(ctx *fasthttp.RequestCtx, status int, contentType string, body []byte) {
	ctx.SetStatusCode(status)
	ctx.SetContentType(contentType)
	ctx.SetBody(body)
}

func plain(ctx *fasthttp.RequestCtx, status int, body string) {
	ctx.SetStatusCode(status)
	ctx.SetContentType("text/plain")
	ctx.SetBodyString(body)
}

func object(ctx *fasthttp.RequestCtx, value any) {
	respond(ctx, fasthttp.StatusOK, "application/json", entry.Encode(value))
}

// content is the body as a stream.
func content(ctx *fasthttp.RequestCtx) io.Reader {
	if stream := ctx.RequestBodyStream(); stream != nil {
		return stream
	}
	return bytes.NewReader(ctx.Request.Body())
}

func (f *fastHTTP) echo(ctx *fasthttp.RequestCtx) {
	body, err := io.ReadAll(io.LimitReader(content(ctx), entry.EchoLimit+1))
	if len(body) > entry.EchoLimit {
		ctx.SetConnectionClose()
		plain(ctx, fasthttp.StatusRequestEntityTooLarge, "body is over 1 MiB")
		return
	}
	if err == nil {
		body, err = entry.Echo(body)
	}
	if err != nil {
		plain(ctx, fasthttp.StatusBadRequest, entry.ErrNotJSON.Error())
		return
	}
	respond(ctx, fasthttp.StatusOK, "application/json", body)
}

func (f *fastHTTP) upload(ctx *fasthttp.RequestCtx) {
	sum := crc32.NewIEEE()
	length, err := io.Copy(sum, content(ctx))
	if err != nil {
		ctx.SetConnectionClose()
		plain(ctx, fasthttp.StatusBadRequest, "body is incomplete")
		return
	}
	object(ctx, entry.Receipt(length, sum.Sum32()))
}

func (f *fastHTTP) user(ctx *fasthttp.RequestCtx, segment string) {
	if id, ok := entry.UserID(segment); ok {
		object(ctx, entry.UserOf(id))
		return
	}
	plain(ctx, fasthttp.StatusBadRequest, "id is not 1 to 9007199254740991")
}

func (f *fastHTTP) search(ctx *fasthttp.RequestCtx) {
	arguments := ctx.QueryArgs()
	if answer, ok := entry.SearchFor(string(arguments.Peek("q")), string(arguments.Peek("limit"))); ok {
		object(ctx, answer)
		return
	}
	plain(ctx, fasthttp.StatusBadRequest, "q is missing, empty or not UTF-8")
}

func (f *fastHTTP) delay(ctx *fasthttp.RequestCtx, segment string) {
	ms, ok := entry.DelayMS(segment)
	if !ok {
		plain(ctx, fasthttp.StatusBadRequest, "delay is not 0 to 10000 ms")
		return
	}
	time.Sleep(time.Duration(ms) * time.Millisecond)
	object(ctx, entry.Delayed{MS: ms})
}

func (f *fastHTTP) static(ctx *fasthttp.RequestCtx, segment string) {
	name, err := url.PathUnescape(segment)
	file, ok := f.app.Files[name]
	if err != nil || !ok {
		plain(ctx, fasthttp.StatusNotFound, "no such file")
		return
	}
	decided := entry.Decide(file, string(ctx.Method()), func(name string) string {
		return string(bytes.Join(ctx.Request.Header.PeekAll(name), []byte(", ")))
	})
	ctx.SetStatusCode(decided.Status)
	for _, field := range decided.Fields {
		ctx.Response.Header.Set(field[0], field[1])
	}
	// The bytes of files never change, so they need no copy.
	ctx.Response.SetBodyRaw(decided.Body)
}

func (f *fastHTTP) rows(ctx *fasthttp.RequestCtx, path string) {
	contentType, body, err := f.app.Database.Rows(path, string(ctx.QueryArgs().Peek("queries")))
	if err != nil {
		plain(ctx, fasthttp.StatusServiceUnavailable, entry.Unavailable)
		return
	}
	respond(ctx, fasthttp.StatusOK, contentType, body)
}
