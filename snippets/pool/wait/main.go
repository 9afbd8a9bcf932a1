// Command wait asks a pool for a connection that nobody gives back.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"example.com/assay/pool/database"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	db, err := database.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	held, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("the only connection: %w", err)
	}
	defer held.Close()
	limited, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	_, err = db.ExecContext(limited, "SELECT 1")
	stats := db.Stats()
	fmt.Printf("deadline exceeded: %t\n", errors.Is(err, context.DeadlineExceeded))
	fmt.Printf("open %d, in use %d, waited %d, for 200 ms at least: %t\n",
		stats.OpenConnections, stats.InUse, stats.WaitCount, stats.WaitDuration >= 200*time.Millisecond)
	return nil
}
