// Command sweep measures the same queries with pools of several sizes.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/assay/pool/database"
)

const (
	workers = 32
	// The server takes this long for each query, so that the machine's speed matters little.
	query = "SELECT pg_sleep(0.02)"
)

// A result is what one pool size came to.
type result struct {
	rate  float64 // queries a second
	waits int64   // how many queries had to wait for a connection
}

func main() {
	library := flag.String("library", "sql", "whose pool: sql or pgxpool")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := sweep(ctx, *library); err != nil {
		log.Fatal(err)
	}
}

func sweep(ctx context.Context, library string) error {
	measure, ok := map[string]func(context.Context, int) (result, error){"sql": standard, "pgxpool": pgx}[library]
	if !ok {
		return fmt.Errorf("no library %q; allowed are sql and pgxpool", library)
	}
	rates := map[int]float64{}
	for _, limit := range []int{2, 8, 32, 64} {
		made, err := measure(ctx, limit)
		if err != nil {
			return err
		}
		rates[limit] = made.rate
		fmt.Printf("limit %2d: %5.0f queries/s, waited: %t\n", limit, made.rate, made.waits > 0)
	}
	if rates[8] < 2*rates[2] || rates[32] < 2*rates[8] || rates[64] > 1.5*rates[32] {
		return fmt.Errorf("this is not the shape: %v", rates)
	}
	fmt.Println("up to 32 workers the limit decides, above it doesn't")
	return nil
}

// measured returns queries a second. The first queries open the connections and aren't counted.
func measured(ctx context.Context, limit int, work func(context.Context) error) (float64, error) {
	if _, err := database.Workers(ctx, workers, workers, work); err != nil {
		return 0, err
	}
	queries := max(160, 40*min(limit, workers))
	took, err := database.Workers(ctx, workers, queries, work)
	return float64(queries) / took.Seconds(), err
}

// --8<-- [start:standard]
func standard(ctx context.Context, limit int) (result, error) {
	db, err := database.Open()
	if err != nil {
		return result{}, err
	}
	defer db.Close()
	db.SetMaxOpenConns(limit)
	db.SetMaxIdleConns(limit)
	rate, err := measured(ctx, limit, func(ctx context.Context) error {
		_, err := db.ExecContext(ctx, query)
		return err
	})
	return result{rate, db.Stats().WaitCount}, err
}

// --8<-- [end:standard]

// --8<-- [start:pgx]
func pgx(ctx context.Context, limit int) (result, error) {
	config, err := pgxpool.ParseConfig(database.URL())
	if err != nil {
		return result{}, err
	}
	config.MaxConns = int32(limit)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return result{}, err
	}
	defer pool.Close()
	rate, err := measured(ctx, limit, func(ctx context.Context) error {
		_, err := pool.Exec(ctx, query)
		return err
	})
	// A new connection counts as empty, too: those that waited are the ones beyond the pool's size.
	waits := pool.Stat().EmptyAcquireCount() - pool.Stat().NewConnsCount()
	return result{rate, waits}, err
}

// --8<-- [end:pgx]
