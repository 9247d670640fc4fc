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

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
	"httpdyno/entry"
)

// read are the methods of what is only read.
var read = []string{fiber.MethodGet, fiber.MethodHead}

// server is fiber, which brings its own HTTP server, fasthttp.
type server struct {
	fiber *fiber.App
}

func newServer(app *entry.App) *server {
	engine := fiber.New(fiber.Config{
		ServerHeader: "fiber",
		// Paths are compared byte by byte.
		StrictRouting: true,
		CaseSensitive: true,
		// Bodies are read by the endpoints: /upload has no limit and keeps nothing.
		StreamRequestBody: true,
		BodyLimit:         entry.EchoLimit,
		ReadBufferSize:    64 << 10,
		IdleTimeout:       2 * time.Minute,
	})
	engine.Use(frame)
	addRoutes(engine, app)
	// What no route has answered.
	engine.Use(func(c fiber.Ctx) error { return text(c, fiber.StatusNotFound, "not found") })
	http := engine.Server()
	http.CloseOnShutdown = true
	// Before fiber, which refuses unknown methods before any of its handlers.
	http.Handler = readingAll(http.Handler)
	return &server{fiber: engine}
}

func (s *server) serve(listener net.Listener) error {
	return s.fiber.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true})
}

func (s *server) shutdown(ctx context.Context) error {
	return s.fiber.ShutdownWithContext(ctx)
}

// readingAll reads the content that no endpoint asks for, and answers. fasthttp reads a streamed body for
// nobody: what is left of it would be the next request.
func readingAll(answer fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		path, _, _ := strings.Cut(string(ctx.URI().PathOriginal()), "?")
		takesContent := ctx.IsPost() && (path == "/echo" || path == "/upload")
		// Of a stream at its end, a second read would take what follows for a chunk.
		if stream := ctx.RequestBodyStream(); stream != nil && !takesContent {
			taken, err := io.Copy(io.Discard, io.LimitReader(stream, entry.EchoLimit))
			if err != nil || taken == entry.EchoLimit {
				ctx.SetConnectionClose()
			}
		}
		answer(ctx)
	}
}

// frame does what else fasthttp leaves to its user: it knows "close" only alone and in lower case, and
// asks for no Host.
func frame(c fiber.Ctx) error {
	request := &c.RequestCtx().Request
	for _, line := range request.Header.PeekAll(fiber.HeaderConnection) {
		for _, option := range strings.Split(string(line), ",") {
			if strings.EqualFold(strings.TrimSpace(option), "close") {
				c.RequestCtx().SetConnectionClose()
			}
		}
	}
	if request.Header.IsHTTP11() && len(request.Header.Host()) == 0 {
		c.RequestCtx().SetConnectionClose()
		return text(c, fiber.StatusBadRequest, "no host field")
	}
	return c.Next()
}

func addRoutes(engine *fiber.App, app *entry.App) {
	get := func(path string, handler fiber.Handler) {
		engine.Add(read, path, handler)
		engine.All(path, refuse("GET, HEAD"))
	}
	get("/plaintext", func(c fiber.Ctx) error { return text(c, fiber.StatusOK, entry.HelloWorld) })
	get("/json", func(c fiber.Ctx) error { return object(c, entry.Message{Message: entry.HelloWorld}) })
	get("/users/:id", user)
	get("/search", search)
	get("/delay/:ms", delay)
	get("/static/:file", func(c fiber.Ctx) error { return static(c, app.Files) })
	for path, handler := range map[string]fiber.Handler{"/echo": echo, "/upload": upload} {
		engine.Post(path, handler)
		engine.All(path, refuse("POST"))
	}
	if app.Database == nil {
		return
	}
	for _, path := range entry.RowPaths {
		get(path, func(c fiber.Ctx) error { return rows(c, app.Database, path) })
	}
}

// refuse answers the methods that a path does not have.
func refuse(allow string) fiber.Handler {
	return func(c fiber.Ctx) error {
		c.Set(fiber.HeaderAllow, allow)
		return text(c, fiber.StatusMethodNotAllowed, "method not allowed")
	}
}

func text(c fiber.Ctx, status int, body string) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlain)
	return c.Status(status).SendString(body)
}

func object(c fiber.Ctx, value any) error {
	return c.JSON(value)
}

func user(c fiber.Ctx) error {
	if id, ok := entry.UserID(c.Params("id")); ok {
		return object(c, entry.UserOf(id))
	}
	return text(c, fiber.StatusBadRequest, "id is not 1 to 9007199254740991")
}

func search(c fiber.Ctx) error {
	if answer, ok := entry.SearchFor(c.Query("q"), c.Query("limit")); ok {
		return object(c, answer)
	}
	return text(c, fiber.StatusBadRequest, "q is missing, empty or not UTF-8")
}

func delay(c fiber.Ctx) error {
	ms, ok := entry.DelayMS(c.Params("ms"))
	if !ok {
		return text(c, fiber.StatusBadRequest, "delay is not 0 to 10000 ms")
	}
	time.Sleep(time.Duration(ms) * time.Millisecond)
	return object(c, entry.Delayed{MS: ms})
}

// content is the body as a stream.
func content(c fiber.Ctx) io.Reader {
	if stream := c.RequestCtx().RequestBodyStream(); stream != nil {
		return stream
	}
	return bytes.NewReader(c.RequestCtx().Request.Body())
}

func echo(c fiber.Ctx) error {
	body, err := io.ReadAll(io.LimitReader(content(c), entry.EchoLimit+1))
	if len(body) > entry.EchoLimit {
		c.RequestCtx().SetConnectionClose()
		return text(c, fiber.StatusRequestEntityTooLarge, "body is over 1 MiB")
	}
	if err == nil {
		body, err = entry.Echo(body)
	}
	if err != nil {
		return text(c, fiber.StatusBadRequest, entry.ErrNotJSON.Error())
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(body)
}

func upload(c fiber.Ctx) error {
	sum := crc32.NewIEEE()
	length, err := io.Copy(sum, content(c))
	if err != nil {
		c.RequestCtx().SetConnectionClose()
		return text(c, fiber.StatusBadRequest, "body is incomplete")
	}
	return object(c, entry.Receipt(length, sum.Sum32()))
}

func static(c fiber.Ctx, files entry.Catalogue) error {
	name, err := url.PathUnescape(c.Params("file"))
	file, ok := files[name]
	if err != nil || !ok {
		return text(c, fiber.StatusNotFound, "no such file")
	}
	decided := entry.Decide(file, c.Method(), func(name string) string {
		return string(bytes.Join(c.RequestCtx().Request.Header.PeekAll(name), []byte(", ")))
	})
	c.Status(decided.Status)
	for _, field := range decided.Fields {
		c.Set(field[0], field[1])
	}
	// The bytes of files never change, so they need no copy.
	c.RequestCtx().Response.SetBodyRaw(decided.Body)
	return nil
}

func rows(c fiber.Ctx, database *entry.Database, path string) error {
	contentType, body, err := database.Rows(path, c.Query("queries"))
	if err != nil {
		return text(c, fiber.StatusServiceUnavailable, entry.Unavailable)
	}
	c.Set(fiber.HeaderContentType, contentType)
	return c.Send(body)
}
