// Package borrow tells whether code gives back the connections that it takes.
package borrow

import (
	"context"
	"database/sql"
	"errors"
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
		if held > 0 { // first, as branches that return an error forget it most easily
			return errors.Join(fmt.Errorf("call %d keeps %d connection", call, held), err)
		}
		if err != nil {
			return fmt.Errorf("call %d: %w", call, err)
		}
	}
	return nil
}

// --8<-- [end:check]
