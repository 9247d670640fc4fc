package entry

import (
	"strings"
	"testing"
)

func TestPayloadsHaveTheMembersOfTheContract(t *testing.T) {
	for _, one := range []struct {
		value any
		want  string
	}{
		{Message{HelloWorld}, `{"message":"Hello, World!"}`},
		{UserOf(42), `{"id":42,"name":"user-42"}`},
		{SearchAnswer{Query: `a "b" ü`, Limit: 7}, `{"query":"a \"b\" ü","limit":7}`},
		{Delayed{MS: 0}, `{"delayed_ms":0}`},
		{Receipt(9, 0x0bf43926), `{"bytes":9,"crc32":"0bf43926"}`},
		{[]world{{ID: 7, RandomNumber: 10_000}}, `[{"id":7,"randomNumber":10000}]`},
	} {
		if got := string(Encode(one.value)); got != one.want {
			t.Errorf("got %s, want %s", got, one.want)
		}
	}
}

func TestEchoGivesEqualJSON(t *testing.T) {
	for body, want := range map[string]string{
		`null`:                     `null`,
		` [ 1 , 2.50, -0e1 ] `:     `[1,2.50,-0e1]`,
		`12345678901234567890123`:  `12345678901234567890123`,
		`{"b":1,"a":{"c":"<&>"}}`:  `{"a":{"c":"<&>"},"b":1}`,
		`"\u0041\ud83d\ude00"`:     `"A😀"`,
		"\t\"\\u0000\"\r\n":        `"\u0000"`,
		`{"a":[true,false,[],{}]}`: `{"a":[true,false,[],{}]}`,
	} {
		if got, err := Echo([]byte(body)); err != nil || string(got) != want {
			t.Errorf("echo(%s) = %s, %v; want %s", body, got, err, want)
		}
	}
	for _, body := range []string{
		"", " ", "{", "[1,]", "{'a':1}", "01", "1 2", "nul", `"\x"`, "\"\xff\"", strings.Repeat("[", 100_000),
	} {
		if got, err := Echo([]byte(body)); err == nil {
			t.Errorf("%.20q is taken for JSON: %s", body, got)
		}
	}
}

func TestFortunesAreSortedEscapedAndJoinedByOneMore(t *testing.T) {
	page, err := render([]fortune{{2, `B <b> & "c"`}, {1, "速さ"}, {3, "A"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"<td>3</td><td>A</td>",
		"<td>0</td><td>Additional fortune added at request time.</td>",
		"<td>2</td><td>B &lt;b&gt; &amp; &#34;c&#34;</td>",
		"<td>1</td><td>速さ</td>",
	}
	from := 0
	for _, row := range want {
		at := strings.Index(string(page[from:]), row)
		if at < 0 {
			t.Fatalf("%s is not where it belongs in %s", row, page)
		}
		from += at
	}
}
