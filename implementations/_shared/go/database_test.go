package entry

import "testing"

func TestIDsAreDrawnFromTheWholeTable(t *testing.T) {
	seen := map[int32]bool{}
	for _, id := range drawn(200_000) {
		if id < 1 || id > worlds {
			t.Fatalf("%d is no row", id)
		}
		seen[id] = true
	}
	// The chance that one given row is missed is 2 in a thousand million.
	if !seen[1] || !seen[worlds] {
		t.Error("the first or the last row is never drawn")
	}
	if len(drawn(0)) != 0 {
		t.Error("drawing none gives some")
	}
}

func TestADatabaseThatIsAwayKeepsNobodyFromStarting(t *testing.T) {
	// Port 1 refuses; the pool goes on trying in the background.
	opened, err := OpenDatabase("postgres://nobody@127.0.0.1:1/none", 3)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.pool.Close()
	if most := opened.pool.Config().MaxConns; most != 3 {
		t.Errorf("at most %d connections, want 3", most)
	}
	if _, _, err := opened.Rows("/db", ""); err == nil {
		t.Error("a row came from nowhere")
	}
	if _, err := OpenDatabase("postgres://host:port:more/", 1); err == nil {
		t.Error("a broken URL is taken")
	}
}
