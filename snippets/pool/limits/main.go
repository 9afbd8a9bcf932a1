// Command limits shows what a pool without a limit, and one that keeps few idle connections, do to the server.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"log"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"example.com/assay/pool/database"
)

// tooManyConnections is PostgreSQL's code for it.
const tooManyConnections = "53300"

func main() {
	open := flag.Int("open", 0, "SetMaxOpenConns; 0 is no limit, the default")
	idle := flag.Int("idle", 2, "SetMaxIdleConns; 2 is the default")
	workers := flag.Int("workers", 16, "how many goroutines query at once")
	bursts := flag.Int("bursts", 30, "how often each of them queries, all at the same time")
	takes := flag.Duration("takes", 10*time.Millisecond, "how long the server takes for a query")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, *open, *idle, *workers, *bursts, *takes); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, open, idle, workers, bursts int, takes time.Duration) error {
	db, err := database.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(open)
	db.SetMaxIdleConns(idle)
	var refused atomic.Int64
	work := func(ctx context.Context) error {
		_, err := db.ExecContext(ctx, "SELECT pg_sleep($1)", takes.Seconds())
		var said *pgconn.PgError
		if errors.As(err, &said) && said.Code == tooManyConnections {
			refused.Add(1)
			return nil
		}
		return err
	}
	for range bursts {
		if _, err := database.Workers(ctx, workers, workers, work); err != nil {
			return err
		}
	}
	report(db.Stats(), refused.Load())
	return nil
}

func report(stats sql.DBStats, refused int64) {
	fmt.Printf("refused by the server: %d\n", refused)
	fmt.Printf("open at the end: %d\n", stats.OpenConnections)
	fmt.Printf("closed because enough were idle: %d\n", stats.MaxIdleClosed)
	fmt.Printf("waited for a connection: %t\n", stats.WaitCount > 0)
}
