package main

import (
	"unicode/utf8"
)

const (
	maxUserID  = 1<<53 - 1
	maxDelayMS = 10_000
	echoLimit  = 1 << 20
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

// userID reads the last segment of /users/{id}.
func userID(segment string) (int64, bool) {
	id, ok := digits(segment)
	return id, ok && id >= 1 && id <= maxUserID
}

// delayMS reads the last segment of /delay/{ms}.
func delayMS(segment string) (int64, bool) {
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

// searchFor reads the decoded parameters of /search; false calls for 400.
func searchFor(query, limit string) (searchAnswer, bool) {
	if query == "" || !utf8.ValidString(query) {
		return searchAnswer{}, false
	}
	return searchAnswer{Query: query, Limit: count(limit, 10, 100)}, true
}
