package entry

import (
	"strings"
	"testing"
)

func TestIDsAreDecimalAndWithinBounds(t *testing.T) {
	for segment, want := range map[string]int64{
		"1": 1, "042": 42, "9007199254740991": maxUserID,
	} {
		if id, ok := UserID(segment); !ok || id != want {
			t.Errorf("userID(%q) = %d, %t; want %d", segment, id, ok, want)
		}
	}
	for _, segment := range []string{
		"", "0", "-1", "+1", "1.0", "1e3", "0x10", " 1", "1_000", "٣", "9007199254740992", strings.Repeat("9", 100),
	} {
		if id, ok := UserID(segment); ok {
			t.Errorf("userID(%q) = %d; want a refusal", segment, id)
		}
	}
}

func TestDelaysEndAtTenSeconds(t *testing.T) {
	if ms, ok := DelayMS("10000"); !ok || ms != 10_000 {
		t.Errorf("delayMS(10000) = %d, %t", ms, ok)
	}
	for _, segment := range []string{"10001", "", "-0", strings.Repeat("1", 50)} {
		if _, ok := DelayMS(segment); ok {
			t.Errorf("delayMS(%q) is taken", segment)
		}
	}
}

func TestCountsAreClampedAndIntegersOfAnyLengthAreOne(t *testing.T) {
	for text, want := range map[string]int64{
		"": 1, "x": 1, "1.5": 1, "-": 1, "--1": 1, " 7": 1,
		"0": 1, "-5": 1, "7": 7, "+7": 7, "007": 7, "500": 500, "501": 500,
		strings.Repeat("9", 40): 500, "-" + strings.Repeat("9", 40): 1,
	} {
		if got := count(text, 1, 500); got != want {
			t.Errorf("count(%q) = %d, want %d", text, got, want)
		}
	}
	if got := count("none", 10, 100); got != 10 {
		t.Errorf("what is no integer is %d, want 10", got)
	}
}

func TestASearchNeedsAQueryInUTF8(t *testing.T) {
	if answer, ok := SearchFor("ü", "1000"); !ok || answer != (SearchAnswer{Query: "ü", Limit: 100}) {
		t.Errorf("%v, %t", answer, ok)
	}
	for _, query := range []string{"", "\xff"} {
		if _, ok := SearchFor(query, "1"); ok {
			t.Errorf("%q is taken", query)
		}
	}
}
