//go:build postgres

package borrow_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"example.com/assay/pool/borrow"
	"example.com/assay/pool/database"
)

func TestCheck(t *testing.T) {
	wrong := errors.New("wrong")
	for name, test := range map[string]struct {
		use  func(context.Context, *sql.DB) error
		said string
	}{
		"gives back": {func(ctx context.Context, db *sql.DB) error { return db.PingContext(ctx) }, ""},
		"keeps": {func(ctx context.Context, db *sql.DB) error {
			_, err := db.Conn(ctx)
			return err
		}, "call 1 keeps 1 connection"},
		"fails and keeps": {func(ctx context.Context, db *sql.DB) error {
			if _, err := db.BeginTx(ctx, nil); err != nil {
				return err
			}
			return wrong // and nobody rolls back
		}, "call 1 keeps 1 connection"},
		"fails": {func(context.Context, *sql.DB) error { return wrong }, "call 1: wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := database.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			said := ""
			if err := borrow.Check(t.Context(), db, test.use); err != nil {
				said = err.Error()
			}
			if !strings.Contains(said, test.said) || (test.said == "") != (said == "") {
				t.Errorf("said %q, expected %q", said, test.said)
			}
		})
	}
}
