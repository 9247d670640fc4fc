package entry

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Answer is what is decided about one request for a static file.
type Answer struct {
	Status int
	Fields [][2]string
	Body   []byte
}

// Decide follows RFC 9110 section 13.2.2: preconditions, then the range. A field that is repeated
// comes joined with commas.
//
// All engines use it. http.ServeContent would answer 416 to a malformed Range and leave
// Last-Modified out of 304; fasthttp.FS knows no entity tags.
func Decide(file *StaticFile, method string, field func(string) string) Answer {
	chosen := file.choose(field("Accept-Encoding"))
	modified := file.lastModified.UTC().Format(http.TimeFormat)
	validators := [][2]string{{"ETag", chosen.etag}, {"Last-Modified", modified}}
	if len(file.coded) > 0 {
		validators = append(validators, [2]string{"Vary", "Accept-Encoding"})
	}
	if match := field("If-Match"); match != "" {
		if !matches(match, chosen.etag, false) {
			return Answer{http.StatusPreconditionFailed, validators[2:], nil}
		}
	} else if since, err := http.ParseTime(field("If-Unmodified-Since")); err == nil && file.lastModified.After(since) {
		return Answer{http.StatusPreconditionFailed, validators[2:], nil}
	}
	if match := field("If-None-Match"); match != "" {
		if matches(match, chosen.etag, true) {
			return Answer{http.StatusNotModified, validators, nil}
		}
	} else if since, err := http.ParseTime(field("If-Modified-Since")); err == nil && !file.lastModified.After(since) {
		return Answer{http.StatusNotModified, validators, nil}
	}
	fields := append(validators, [2]string{"Accept-Ranges", "bytes"})
	length := len(chosen.bytes)
	start, end, asked := 0, length, false
	if method == http.MethodGet && rangeHolds(field("If-Range"), chosen.etag, file.lastModified) {
		start, end, asked = parseRange(field("Range"), length)
	}
	if asked && start >= length {
		refusal := append(validators[2:], [2]string{"Content-Range", "bytes */" + strconv.Itoa(length)})
		return Answer{http.StatusRequestedRangeNotSatisfiable, refusal, nil}
	}
	fields = append(fields, [2]string{"Content-Type", file.contentType})
	if chosen.coding != "" {
		fields = append(fields, [2]string{"Content-Encoding", chosen.coding})
	}
	if !asked {
		return Answer{http.StatusOK, fields, chosen.bytes}
	}
	fields = append(fields, [2]string{"Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, end-1, length)})
	return Answer{http.StatusPartialContent, fields, chosen.bytes[start:end]}
}

// matches looks for a tag in a list of them, or "*". Weak tags match only in a weak comparison.
func matches(list, etag string, weakly bool) bool {
	for _, member := range strings.Split(list, ",") {
		member = strings.TrimSpace(member)
		if strings.HasPrefix(member, "W/") && weakly {
			member = member[2:]
		}
		if member == etag || member == "*" {
			return true
		}
	}
	return false
}

// rangeHolds tells whether Range is to be heeded: If-Range is absent, or names this very form.
func rangeHolds(field, etag string, modified time.Time) bool {
	if field == "" || field == etag {
		return true
	}
	date, err := http.ParseTime(field)
	return err == nil && date.Equal(modified)
}

// parseRange reads one range of bytes; false for whatever is to be ignored. One that starts behind
// the end is not satisfiable.
func parseRange(field string, length int) (start, end int, asked bool) {
	unit, set, ok := strings.Cut(strings.TrimSpace(field), "=")
	if !ok || !strings.EqualFold(unit, "bytes") || strings.Contains(set, ",") {
		return 0, length, false
	}
	first, last, ok := strings.Cut(strings.TrimSpace(set), "-")
	from, fromOK := digits(first)
	to, toOK := digits(last)
	switch {
	case !ok || (first != "" && !fromOK) || (last != "" && !toOK) || (first == "" && last == ""):
		return 0, length, false
	case first == "":
		return length - int(min(to, int64(length))), length, true
	case last == "":
		return int(from), length, true
	case to < from:
		return 0, length, false
	}
	return int(from), int(min(to, int64(length)-1)) + 1, true
}

// choose picks the best liked form; at equal weights brotli, then gzip, then the plain bytes.
func (file *StaticFile) choose(accept string) *representation {
	if len(file.coded) == 0 || accept == "" {
		return &file.plain
	}
	weights := map[string]int{}
	for _, member := range strings.Split(accept, ",") {
		name, parameter, weighed := strings.Cut(member, ";")
		weight := 1000
		if weighed {
			weight = weightOf(strings.TrimSpace(parameter))
		}
		if weight >= 0 {
			weights[strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "x-")] = weight
		}
	}
	weight := func(coding string, otherwise int) int {
		if weight, named := weights[coding]; named {
			return weight
		}
		if weight, named := weights["*"]; named {
			return weight
		}
		return otherwise
	}
	best, most := &file.plain, 0
	for i := range file.coded {
		if liked := weight(file.coded[i].coding, 0); liked > most {
			best, most = &file.coded[i], liked
		}
	}
	if weight("identity", 1) > most {
		return &file.plain
	}
	return best
}

// weightOf reads "q=0.5" in thousandths; -1 when it is broken.
func weightOf(parameter string) int {
	if len(parameter) < 3 || !strings.EqualFold(parameter[:2], "q=") {
		return -1
	}
	value := parameter[2:]
	if len(value) > 5 || (value[0] != '0' && value[0] != '1') || (len(value) > 1 && value[1] != '.') {
		return -1
	}
	weight, err := strconv.ParseFloat(value, 64)
	if err != nil || weight > 1 {
		return -1
	}
	return int(weight*1000 + 0.5)
}
