// Package database opens the laboratory's PostgreSQL, and runs many queries at once.
package database

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"os"
	"sync"
	"time"

	// The driver registers itself as pgx.
	_ "github.com/jackc/pgx/v5/stdlib"
)

// URL says where the laboratory's server is.
func URL() string {
	return cmp.Or(os.Getenv("DATABASE_URL"), "postgres://postgres@localhost:5432/postgres?sslmode=disable")
}

// Open makes a pool of the standard library. It doesn't connect.
func Open() (*sql.DB, error) {
	db, err := sql.Open("pgx", URL())
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return db, nil
}

// Workers calls work count times, from several goroutines at once, and returns how long all of it took and the first
// error.
func Workers(ctx context.Context, workers, count int, work func(context.Context) error) (time.Duration, error) {
	var (
		group sync.WaitGroup
		once  sync.Once
		first error
	)
	todo := make(chan struct{}, count)
	for range count {
		todo <- struct{}{}
	}
	close(todo)
	start := time.Now()
	for range workers {
		group.Go(func() {
			for range todo {
				if err := work(ctx); err != nil {
					once.Do(func() { first = err })
					return
				}
			}
		})
	}
	group.Wait()
	return time.Since(start), first
}
