package main

import (
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"httpdyno/entry"
)

// read are the methods of what is only read.
var read = []string{http.MethodGet, http.MethodHead}

// routes is gin with everything that the contract has.
func routes(app *entry.App) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	// Without the logger of gin.Default: nothing is logged per request.
	engine := gin.New()
	engine.Use(gin.RecoveryWithWriter(io.Discard), exactly)
	// Paths are compared as they came, byte by byte, and another one is none of ours.
	engine.UseRawPath, engine.UnescapePathValues = true, false
	engine.RedirectTrailingSlash, engine.RedirectFixedPath = false, false
	engine.HandleMethodNotAllowed = true
	engine.NoRoute(notFound)
	engine.NoMethod(func(c *gin.Context) { c.String(http.StatusMethodNotAllowed, "method not allowed") })

	engine.Match(read, "/plaintext", func(c *gin.Context) { c.String(http.StatusOK, entry.HelloWorld) })
	engine.Match(read, "/json", func(c *gin.Context) {
		c.JSON(http.StatusOK, entry.Message{Message: entry.HelloWorld})
	})
	engine.Match(read, "/users/:id", user)
	engine.Match(read, "/search", search)
	engine.Match(read, "/delay/:ms", delay)
	engine.Match(read, "/static/:file", func(c *gin.Context) { static(c, app.Files) })
	engine.POST("/echo", echo)
	engine.POST("/upload", upload)
	if app.Database != nil {
		for _, path := range entry.RowPaths {
			engine.Match(read, path, func(c *gin.Context) { rows(c, app.Database, path) })
		}
	}
	return engine
}

// exactly names the engine, and refuses what gin's router would take for a path that it knows: it looks
// at the decoded path where an encoding is not needed.
func exactly(c *gin.Context) {
	c.Header("Server", "gin")
	path := c.Request.URL.EscapedPath()
	if strings.Contains(path, "%") && !strings.HasPrefix(path, "/static/") {
		notFound(c)
		c.Abort()
	}
}

func notFound(c *gin.Context) {
	c.String(http.StatusNotFound, "not found")
}

func user(c *gin.Context) {
	if id, ok := entry.UserID(c.Param("id")); ok {
		c.JSON(http.StatusOK, entry.UserOf(id))
		return
	}
	c.String(http.StatusBadRequest, "id is not 1 to 9007199254740991")
}

func search(c *gin.Context) {
	if answer, ok := entry.SearchFor(c.Query("q"), c.Query("limit")); ok {
		c.JSON(http.StatusOK, answer)
		return
	}
	c.String(http.StatusBadRequest, "q is missing, empty or not UTF-8")
}

func delay(c *gin.Context) {
	ms, ok := entry.DelayMS(c.Param("ms"))
	if !ok {
		c.String(http.StatusBadRequest, "delay is not 0 to 10000 ms")
		return
	}
	time.Sleep(time.Duration(ms) * time.Millisecond)
	c.JSON(http.StatusOK, entry.Delayed{MS: ms})
}

func echo(c *gin.Context) {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, entry.EchoLimit))
	if long := new(http.MaxBytesError); errors.As(err, &long) {
		c.String(http.StatusRequestEntityTooLarge, "body is over 1 MiB")
		return
	}
	if err == nil {
		body, err = entry.Echo(body)
	}
	if err != nil {
		c.String(http.StatusBadRequest, entry.ErrNotJSON.Error())
		return
	}
	c.Data(http.StatusOK, "application/json", body)
}

func upload(c *gin.Context) {
	sum := crc32.NewIEEE()
	length, err := io.Copy(sum, c.Request.Body)
	if err != nil {
		c.String(http.StatusBadRequest, "body is incomplete")
		return
	}
	c.JSON(http.StatusOK, entry.Receipt(length, sum.Sum32()))
}

func static(c *gin.Context, files entry.Catalogue) {
	name, err := url.PathUnescape(c.Param("file"))
	file, ok := files[name]
	if err != nil || !ok {
		c.String(http.StatusNotFound, "no such file")
		return
	}
	joined := func(name string) string { return strings.Join(c.Request.Header.Values(name), ", ") }
	decided := entry.Decide(file, c.Request.Method, joined)
	for _, field := range decided.Fields {
		c.Writer.Header()[field[0]] = []string{field[1]}
	}
	if decided.Status != http.StatusNotModified {
		c.Header("Content-Length", strconv.Itoa(len(decided.Body)))
	}
	c.Status(decided.Status)
	_, _ = c.Writer.Write(decided.Body)
}

func rows(c *gin.Context, database *entry.Database, path string) {
	contentType, body, err := database.Rows(path, c.Query("queries"))
	if err != nil {
		c.String(http.StatusServiceUnavailable, entry.Unavailable)
		return
	}
	c.Data(http.StatusOK, contentType, body)
}
