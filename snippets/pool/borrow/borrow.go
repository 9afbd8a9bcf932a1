// Package borrow tells whether code gives back the connections that it takes.
package borrow

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// --8<-- [start:check]

// Check calls use three times with a pool of one connection, and returns an error unless each call gives it back.
func Check(ctx context.Context, db *sql.DB, use func(context.Context, *sql.DB) error) error {
	db.SetMaxOpenConns(1)
	for call := 1; call <= 3; call++ {
		limited, cancel := context.WithTimeout(ctx, time.Second)
		err := use(limited, db)
		// A cancelled context gives back what it can: looked at before.
		held := db.Stats().InUse
		cancel()
		if err != nil {
			return fmt.Errorf("call %d: %w", call, err)
		}
		if held > 0 {
			return fmt.Errorf("call %d keeps %d connection", call, held)
		}
	}
	return nil
}

// --8<-- [end:check]
