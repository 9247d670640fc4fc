// Package entry holds what the entries in Go share: settings, arguments, payloads, the rules for static
// files, and what is asked of the database. Never a socket: reading requests, routing them and writing
// answers is what is measured, so that stays visible in each entry's own folder.
package entry

import (
	"unicode/utf8"
)

const (
	maxUserID  = 1<<53 - 1
	maxDelayMS = 10_000
	// EchoLimit is the longest body that POST /echo takes, in bytes (1 MiB).
	EchoLimit = 1 << 20
)

// digits reads decimal digits and nothing else; a number of any length is one, beyond all bounds.
func digits(text string) (int64, bool) {
	value := int64(0)
	for _, char := range []byte(text) {
		if char < '0' || char > '9' {
			return 0, false
		}
		if value < 1<<58 {
			value = value*10 + int64(char-'0')
		}
	}
	return value, text != ""
}

// UserID reads the last segment of /users/{id}.
func UserID(segment string) (int64, bool) {
	id, ok := digits(segment)
	return id, ok && id >= 1 && id <= maxUserID
}

// DelayMS reads the last segment of /delay/{ms}.
func DelayMS(segment string) (int64, bool) {
	ms, ok := digits(segment)
	return ms, ok && ms <= maxDelayMS
}

// count reads an integer parameter: what it is otherwise when it is none, else 1 to most.
func count(text string, otherwise, most int64) int64 {
	negative := false
	if text != "" && (text[0] == '-' || text[0] == '+') {
		negative, text = text[0] == '-', text[1:]
	}
	value, ok := digits(text)
	switch {
	case !ok:
		return otherwise
	case negative:
		return 1
	}
	return min(max(value, 1), most)
}

// SearchFor reads the decoded parameters of /search; false calls for 400.
func SearchFor(query, limit string) (SearchAnswer, bool) {
	if query == "" || !utf8.ValidString(query) {
		return SearchAnswer{}, false
	}
	return SearchAnswer{Query: query, Limit: count(limit, 10, 100)}, true
}
