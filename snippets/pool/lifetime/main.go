// Command lifetime counts the connections that the same queries use, one after the other.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"time"

	"example.com/assay/pool/database"
)

func main() {
	lifetime := flag.Duration("max", 0, "SetConnMaxLifetime; 0 is no limit, the default")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := run(ctx, *lifetime); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, lifetime time.Duration) error {
	db, err := database.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetConnMaxLifetime(lifetime)
	backends := map[int]bool{}
	for range 20 {
		var pid int
		if err := db.QueryRowContext(ctx, "SELECT pg_backend_pid() FROM pg_sleep(0.05)").Scan(&pid); err != nil {
			return err
		}
		backends[pid] = true
	}
	fmt.Printf("more than one connection: %t\n", len(backends) > 1)
	fmt.Printf("closed because of their age: %t\n", db.Stats().MaxLifetimeClosed > 0)
	return nil
}
