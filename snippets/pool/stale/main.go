// Command stale ends a pooled connection from the server's side, and uses the pool again.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"time"

	"example.com/assay/pool/database"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, idle := range []time.Duration{0, 1200 * time.Millisecond} {
		if err := try(ctx, idle); err != nil {
			log.Fatal(err)
		}
	}
}

func try(ctx context.Context, idle time.Duration) error {
	db, err := database.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	var old int
	for range 2 { // the driver keeps the time since the second one
		if old, err = backend(ctx, db); err != nil {
			return err
		}
	}
	if err := end(ctx, old); err != nil {
		return err
	}
	time.Sleep(idle)
	_, first := backend(ctx, db)
	second, err := backend(ctx, db)
	if err != nil {
		return fmt.Errorf("the second query: %w", err)
	}
	fmt.Printf("idle for %v: first query failed: %t, then a new connection: %t\n", idle, first != nil, second != old)
	return nil
}

// backend returns the number of the server's process that answers.
func backend(ctx context.Context, db *sql.DB) (int, error) {
	var pid int
	err := db.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&pid)
	return pid, err
}

// end ends a connection as a restart or a failover does, and waits until it is gone.
func end(ctx context.Context, pid int) error {
	admin, err := database.Open()
	if err != nil {
		return err
	}
	defer admin.Close()
	var ended bool
	err = admin.QueryRowContext(ctx, "SELECT pg_terminate_backend($1, 5000)", pid).Scan(&ended)
	if err == nil && !ended {
		err = fmt.Errorf("process %d doesn't end", pid)
	}
	return err
}
