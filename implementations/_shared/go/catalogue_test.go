package entry

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// folder has a page with a compressed form, a hidden file and a folder.
func folder(t *testing.T) Catalogue {
	t.Helper()
	path := t.TempDir()
	for name, content := range map[string]string{
		"page.html": "0123456789", "page.html.gz": "packed", "data.bin": "x", ".hidden": "x",
	} {
		if err := os.WriteFile(filepath.Join(path, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(path, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	files, err := LoadCatalogue(path)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestACatalogueHoldsRegularFilesWithTheirForms(t *testing.T) {
	files := folder(t)
	if len(files) != 3 || files[".hidden"] != nil || files["folder"] != nil {
		t.Errorf("%d files: %v", len(files), files)
	}
	page := files["page.html"]
	if page.contentType != "text/html; charset=utf-8" || len(page.coded) != 1 || page.coded[0].coding != "gzip" {
		t.Errorf("%+v", page)
	}
	if page.coded[0].etag == page.plain.etag || page.coded[0].etag == files["page.html.gz"].plain.etag {
		t.Errorf("two forms have one tag: %+v", page)
	}
	if files["data.bin"].contentType != "application/octet-stream" {
		t.Errorf("%+v", files["data.bin"])
	}
}

func TestWithoutAFolderThereAreNoFiles(t *testing.T) {
	for _, path := range []string{"", filepath.Join(t.TempDir(), "absent")} {
		if files, err := LoadCatalogue(path); err != nil || len(files) != 0 {
			t.Errorf("%q: %v, %v", path, files, err)
		}
	}
}

func TestPreconditionsComeBeforeTheRange(t *testing.T) {
	file := folder(t)["page.html"]
	tag := file.plain.etag
	for _, one := range []struct {
		fields map[string]string
		status int
		body   string
	}{
		{nil, http.StatusOK, "0123456789"},
		{map[string]string{"Accept-Encoding": "gzip"}, http.StatusOK, "packed"},
		{map[string]string{"Accept-Encoding": "gzip;q=0, *"}, http.StatusOK, "0123456789"},
		{map[string]string{"If-None-Match": `W/` + tag}, http.StatusNotModified, ""},
		{map[string]string{"If-Match": `W/` + tag}, http.StatusPreconditionFailed, ""},
		{map[string]string{"If-None-Match": tag, "Range": "bytes=0-1"}, http.StatusNotModified, ""},
		{map[string]string{"Range": "bytes=2-4"}, http.StatusPartialContent, "234"},
		{map[string]string{"Range": "bytes=-3"}, http.StatusPartialContent, "789"},
		{map[string]string{"Range": "bytes=8-"}, http.StatusPartialContent, "89"},
		{map[string]string{"Range": "bytes=10-"}, http.StatusRequestedRangeNotSatisfiable, ""},
		{map[string]string{"Range": "bytes=4-2"}, http.StatusOK, "0123456789"},
		{map[string]string{"Range": "bytes=0-1,3-4"}, http.StatusOK, "0123456789"},
		{map[string]string{"Range": "bytes=2-4", "If-Range": `"other"`}, http.StatusOK, "0123456789"},
	} {
		got := Decide(file, http.MethodGet, func(name string) string { return one.fields[name] })
		if got.Status != one.status || string(got.Body) != one.body {
			t.Errorf("%v: %d %q, want %d %q", one.fields, got.Status, got.Body, one.status, one.body)
		}
	}
}
