package entry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// HelloWorld is what /plaintext answers.
const HelloWorld = "Hello, World!"

// Message is what /json answers.
type Message struct {
	Message string `json:"message"`
}

type user struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// UserOf is what /users/{id} answers.
func UserOf(id int64) user {
	return user{ID: id, Name: "user-" + strconv.FormatInt(id, 10)}
}

// SearchAnswer is what /search answers.
type SearchAnswer struct {
	Query string `json:"query"`
	Limit int64  `json:"limit"`
}

// Delayed is what /delay/{ms} answers.
type Delayed struct {
	MS int64 `json:"delayed_ms"`
}

type uploadReceipt struct {
	Bytes int64  `json:"bytes"`
	CRC32 string `json:"crc32"`
}

// Receipt is what /upload answers: the count and the CRC-32 (IEEE) of the content.
func Receipt(bytes int64, crc uint32) uploadReceipt {
	return uploadReceipt{Bytes: bytes, CRC32: fmt.Sprintf("%08x", crc)}
}

// Encode serialises a value of this program's own types, which can not fail.
func Encode(value any) []byte {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return encoded
}

// ErrNotJSON calls for 400.
var ErrNotJSON = errors.New("body is not JSON")

// Echo parses a body as JSON and serialises it again. Numbers keep their digits.
func Echo(body []byte) ([]byte, error) {
	// encoding/json takes broken UTF-8 for U+FFFD, which would not be equal JSON.
	if !utf8.Valid(body) {
		return nil, ErrNotJSON
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, ErrNotJSON
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, ErrNotJSON
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, ErrNotJSON
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}
