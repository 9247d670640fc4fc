package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

const helloWorld = "Hello, World!"

type message struct {
	Message string `json:"message"`
}

type user struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func userOf(id int64) user {
	return user{ID: id, Name: "user-" + strconv.FormatInt(id, 10)}
}

type searchAnswer struct {
	Query string `json:"query"`
	Limit int64  `json:"limit"`
}

type delayed struct {
	MS int64 `json:"delayed_ms"`
}

type uploadReceipt struct {
	Bytes int64  `json:"bytes"`
	CRC32 string `json:"crc32"`
}

func receipt(bytes int64, crc uint32) uploadReceipt {
	return uploadReceipt{Bytes: bytes, CRC32: fmt.Sprintf("%08x", crc)}
}

// encode serialises a value of this program's own types, which can not fail.
func encode(value any) []byte {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return encoded
}

var errNotJSON = errors.New("body is not JSON")

// echo parses a body as JSON and serialises it again. Numbers keep their digits.
func echo(body []byte) ([]byte, error) {
	// encoding/json takes broken UTF-8 for U+FFFD, which would not be equal JSON.
	if !utf8.Valid(body) {
		return nil, errNotJSON
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, errNotJSON
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errNotJSON
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, errNotJSON
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}
