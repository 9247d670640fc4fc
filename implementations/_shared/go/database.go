package entry

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/maypok86/otter/v2"
)

const (
	worlds         = 10_000
	selectWorld    = "SELECT id, randomnumber FROM world WHERE id = $1"
	selectFortunes = "SELECT id, message FROM fortune"
	// The ids are in ascending order, so that all requests lock rows in one order.
	updateWorlds = "UPDATE world SET randomnumber = new.number " +
		"FROM unnest($1::int[], $2::int[]) AS new (id, number) WHERE world.id = new.id"
	Unavailable = "the database did not answer"
)

// A request is answered within 2 s. When it is given up, the server is asked to cancel the statement,
// so that the connection can be kept; one that says nothing even then is closed.
const (
	requestLimit = 1500 * time.Millisecond
	cancelLimit  = 400 * time.Millisecond
	connectLimit = 2 * time.Second
	// The pool opens what is missing that often.
	reconnectEvery = 500 * time.Millisecond
	cacheFor       = time.Minute
)

// RowPaths are the paths that are only there with a database.
var RowPaths = []string{"/db", "/queries", "/updates", "/cached-queries", "/fortunes"}

// HasRows tells whether a path is one of RowPaths.
func HasRows(path string) bool {
	return slices.Contains(RowPaths, path)
}

var errNotTheRows = errors.New("other rows than asked for")

type world struct {
	ID           int32 `json:"id"`
	RandomNumber int32 `json:"randomNumber"`
}

type fortune struct {
	ID      int32
	Message string
}

// Database is the pool of connections, and what is kept of the table in memory.
type Database struct {
	pool  *pgxpool.Pool
	cache *otter.Cache[int32, world]
}

// OpenDatabase opens size connections in the background and keeps them.
func OpenDatabase(url string, size int) (*Database, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns, config.MinConns = int32(size), int32(size)
	config.HealthCheckPeriod = reconnectEvery
	config.ConnConfig.ConnectTimeout = connectLimit
	// Statements are planned once, and updateWorlds always visits rows in the order of the array.
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	config.ConnConfig.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: cancelLimit}
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	cache, err := otter.New(&otter.Options[int32, world]{
		MaximumSize:      worlds,
		ExpiryCalculator: otter.ExpiryWriting[int32, world](cacheFor),
	})
	if err != nil {
		return nil, err
	}
	return &Database{pool: pool, cache: cache}, nil
}

func draw() int32 {
	return rand.Int32N(worlds) + 1
}

// drawn are the ids of count rows, each equally likely.
func drawn(count int64) []int32 {
	ids := make([]int32, count)
	for i := range ids {
		ids[i] = draw()
	}
	return ids
}

// world reads one row.
func (d *Database) world(ctx context.Context) (world, error) {
	var read world
	err := d.pool.QueryRow(ctx, selectWorld, draw()).Scan(&read.ID, &read.RandomNumber)
	return read, err
}

// worlds reads a row for each id by a statement of its own; they go out together.
func (d *Database) worlds(ctx context.Context, ids []int32) ([]world, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	read := make([]world, len(ids))
	batch := &pgx.Batch{}
	for i, id := range ids {
		batch.Queue(selectWorld, id).QueryRow(func(row pgx.Row) error {
			return row.Scan(&read[i].ID, &read[i].RandomNumber)
		})
	}
	return read, d.pool.SendBatch(ctx, batch).Close()
}

// update reads rows and gives them new numbers. A row that was drawn twice gets one number, so that
// what is answered is what is in the table.
func (d *Database) update(ctx context.Context, ids []int32) ([]world, error) {
	read, err := d.worlds(ctx, ids)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(read, func(one, other world) int { return cmp.Compare(one.ID, other.ID) })
	changed, numbers := make([]int32, 0, len(read)), make([]int32, 0, len(read))
	for i := range read {
		if last := len(changed) - 1; last >= 0 && changed[last] == read[i].ID {
			read[i].RandomNumber = numbers[last]
			continue
		}
		read[i].RandomNumber = draw()
		changed, numbers = append(changed, read[i].ID), append(numbers, read[i].RandomNumber)
	}
	done, err := d.pool.Exec(ctx, updateWorlds, changed, numbers)
	if err == nil && done.RowsAffected() != int64(len(changed)) {
		err = errNotTheRows
	}
	return read, err
}

// cached reads from the table only what is not in memory.
func (d *Database) cached(ctx context.Context, ids []int32) ([]world, error) {
	answer := make([]world, len(ids))
	missing, places := make([]int32, 0, len(ids)), make([]int, 0, len(ids))
	for i, id := range ids {
		row, ok := d.cache.GetIfPresent(id)
		answer[i] = row
		if !ok {
			missing, places = append(missing, id), append(places, i)
		}
	}
	read, err := d.worlds(ctx, missing)
	for i, row := range read {
		if err == nil {
			d.cache.Set(row.ID, row)
			answer[places[i]] = row
		}
	}
	return answer, err
}

// page is the page of all fortunes and one more.
func (d *Database) page(ctx context.Context) ([]byte, error) {
	rows, err := d.pool.Query(ctx, selectFortunes)
	if err != nil {
		return nil, err
	}
	fortunes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[fortune])
	if err != nil {
		return nil, err
	}
	return render(fortunes)
}

// Rows answers a request for rows: its media type and body.
func (d *Database) Rows(path string, queries string) (string, []byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), requestLimit)
	defer cancel()
	var answer any
	var err error
	switch path {
	case "/db":
		answer, err = d.world(ctx)
	case "/queries":
		answer, err = d.worlds(ctx, drawn(count(queries, 1, 500)))
	case "/updates":
		answer, err = d.update(ctx, drawn(count(queries, 1, 500)))
	case "/cached-queries":
		answer, err = d.cached(ctx, drawn(count(queries, 1, 500)))
	default:
		page, err := d.page(ctx)
		return "text/html; charset=utf-8", page, err
	}
	if err != nil {
		return "", nil, err
	}
	return "application/json", Encode(answer), nil
}
