package main

import (
	"encoding/json"
	"io"
	"net/http"
)

type message struct {
	Message string `json:"message"`
}

// answer routes one request. Add an endpoint here, and its id to `endpoints` in implementation.yaml.
//
// A ServeMux would redirect paths that it can clean; the contract compares them byte by byte.
func answer(writer http.ResponseWriter, request *http.Request) {
	writer.Header().Set("Server", "net/http")
	switch request.URL.EscapedPath() {
	case "/plaintext":
		get(writer, request, func() { text(writer, http.StatusOK, "Hello, World!") })
	case "/json":
		get(writer, request, func() { object(writer, message{"Hello, World!"}) })
	default:
		text(writer, http.StatusNotFound, "not found")
	}
}

func get(writer http.ResponseWriter, request *http.Request, answer func()) {
	if request.Method == http.MethodGet || request.Method == http.MethodHead {
		answer()
		return
	}
	writer.Header().Set("Allow", "GET, HEAD")
	text(writer, http.StatusMethodNotAllowed, "method not allowed")
}

func text(writer http.ResponseWriter, status int, body string) {
	writer.Header().Set("Content-Type", "text/plain")
	writer.WriteHeader(status)
	// What fails here is the client's doing and ends its connection only.
	_, _ = io.WriteString(writer, body)
}

// object is serialised for each request, as the contract asks.
func object(writer http.ResponseWriter, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		text(writer, http.StatusInternalServerError, "cannot be serialised")
		return
	}
	writer.Header().Set("Content-Type", "application/json")
	_, _ = writer.Write(body)
}
