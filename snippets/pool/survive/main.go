// Command survive queries over and over, and says when the answer changes.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"example.com/assay/pool/database"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := watch(ctx); err != nil {
		log.Fatal(err)
	}
}

// watch ends when the server has been there, away, and there again.
func watch(ctx context.Context) error {
	db, err := database.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	was := ""
	for changes := 0; changes < 3; {
		now := "answered"
		if err := ask(ctx, db.PingContext); err != nil {
			now = "refused"
		}
		if now != was {
			fmt.Println(now)
			was = now
			changes++
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("after %d changes: %w", changes, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

func ask(ctx context.Context, ping func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return ping(ctx)
}
