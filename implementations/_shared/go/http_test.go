package entry

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHandlersAnswerByTheContract(t *testing.T) {
	mux := http.NewServeMux()
	for pattern, handler := range (&App{}).Handlers("some") {
		mux.HandleFunc(pattern, handler)
	}
	for _, one := range []struct {
		method, target, body string
		status               int
		contentType, want    string
	}{
		{"GET", "/plaintext", "", 200, "text/plain", "Hello, World!"},
		{"GET", "/json", "", 200, "application/json", `{"message":"Hello, World!"}`},
		{"GET", "/users/42", "", 200, "application/json", `{"id":42,"name":"user-42"}`},
		{"GET", "/users/0", "", 400, "text/plain", "id is not 1 to 9007199254740991"},
		{"GET", "/search?limit=7&q=x", "", 200, "application/json", `{"query":"x","limit":7}`},
		{"GET", "/search", "", 400, "text/plain", "q is missing, empty or not UTF-8"},
		{"GET", "/delay/0", "", 200, "application/json", `{"delayed_ms":0}`},
		{"GET", "/delay/x", "", 400, "text/plain", "delay is not 0 to 10000 ms"},
		{"GET", "/static/none", "", 404, "text/plain", "no such file"},
		{"POST", "/echo", `{"a":1}`, 200, "application/json", `{"a":1}`},
		{"POST", "/echo", strings.Repeat(" ", EchoLimit+1), 413, "text/plain", "body is over 1 MiB"},
		{"POST", "/upload", "123456789", 200, "application/json", `{"bytes":9,"crc32":"cbf43926"}`},
	} {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest(one.method, one.target, strings.NewReader(one.body)))
		header := answer.Header()
		if answer.Code != one.status || header.Get("Content-Type") != one.contentType || answer.Body.String() != one.want {
			t.Errorf("%s %s: %d %q", one.method, one.target, answer.Code, answer.Body)
		}
		if header.Get("Server") != "some" || header.Get("Content-Length") == "" {
			t.Errorf("%s %s: fields %v", one.method, one.target, header)
		}
	}
}

func TestRowsAreOfferedWhereThereIsADatabase(t *testing.T) {
	if got := len((&App{Database: &Database{}}).Handlers("")) - len((&App{}).Handlers("")); got != len(RowPaths) {
		t.Errorf("%d patterns more, want %d", got, len(RowPaths))
	}
}
