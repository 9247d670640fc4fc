package entry

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// representation is one form of a file: plain or compressed.
type representation struct {
	coding string // "" for the plain one
	etag   string
	bytes  []byte
}

// StaticFile is a file with its precompressed forms, brotli first.
type StaticFile struct {
	contentType  string
	lastModified time.Time
	plain        representation
	coded        []representation
}

// Catalogue holds all files of STATIC_DIR by name.
type Catalogue map[string]*StaticFile

var contentTypes = map[string]string{
	".html":  "text/html; charset=utf-8",
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".json":  "application/json",
	".txt":   "text/plain; charset=utf-8",
	".svg":   "image/svg+xml",
	".png":   "image/png",
	".wasm":  "application/wasm",
	".woff2": "font/woff2",
}

// LoadCatalogue reads a folder into memory; one that is absent, or without a name, holds no files.
func LoadCatalogue(folder string) (Catalogue, error) {
	files := Catalogue{}
	if folder == "" {
		return files, nil
	}
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return files, nil
	}
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		name := entry.Name()
		path := filepath.Join(folder, name)
		info, err := os.Stat(path)
		if strings.HasPrefix(name, ".") || err != nil || !info.Mode().IsRegular() {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		contentType, known := contentTypes[filepath.Ext(name)]
		if !known {
			contentType = "application/octet-stream"
		}
		// Seconds: what Last-Modified can say.
		modified := info.ModTime().Truncate(time.Second)
		files[name] = &StaticFile{contentType: contentType, lastModified: modified, plain: formOf("", content)}
	}
	for name, file := range files {
		for _, coding := range [...][2]string{{".br", "br"}, {".gz", "gzip"}} {
			if compressed, ok := files[name+coding[0]]; ok {
				file.coded = append(file.coded, formOf(coding[1], compressed.plain.bytes))
			}
		}
	}
	return files, nil
}

func formOf(coding string, content []byte) representation {
	// The coding is part of the tag: each form has one of its own.
	sum := sha256.Sum256(append([]byte(coding+"\x00"), content...))
	return representation{coding: coding, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, bytes: content}
}
