package entry

import (
	"maps"
	"strings"
	"testing"
)

func lookup(changes map[string]string) func(string) string {
	variables := map[string]string{
		"HOST": "127.0.0.1", "PORT": "0", "WORKERS": "2", "STATIC_DIR": "/files",
		"DATABASE_URL": "postgres://x", "DATABASE_POOL": "16",
	}
	maps.Copy(variables, changes)
	return func(name string) string { return variables[name] }
}

func TestTheEnvironmentIsRead(t *testing.T) {
	read, err := ReadSettings(lookup(nil))
	want := Settings{
		Address: "127.0.0.1:0", Workers: 2, StaticDir: "/files", DatabaseURL: "postgres://x", DatabasePool: 16,
	}
	if err != nil || read != want {
		t.Errorf("%+v, %v; want %+v", read, err, want)
	}
	read, err = ReadSettings(lookup(map[string]string{"HOST": "::1", "DATABASE_URL": "", "DATABASE_POOL": ""}))
	if err != nil || read.Address != "[::1]:0" || read.DatabasePool != 0 {
		t.Errorf("without a database: %+v, %v", read, err)
	}
}

func TestAWrongVariableIsNamedWithItsValue(t *testing.T) {
	for name, values := range map[string][]string{
		"HOST":          {"", "localhost"},
		"PORT":          {"", "65536", "-1", "http"},
		"WORKERS":       {"", "0", "-1", "two"},
		"DATABASE_POOL": {"", "0", "4294967296"},
	} {
		for _, value := range values {
			_, err := ReadSettings(lookup(map[string]string{name: value}))
			if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), `"`+value+`"`) {
				t.Errorf("%s=%q: %v", name, value, err)
			}
		}
	}
}
