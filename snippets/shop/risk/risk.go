// Package risk decides over HTTP whether an order may go on.
package risk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Question is the body of POST /risk/verify.
type Question struct {
	Customer   string `json:"customer"`
	TotalCents int64  `json:"total_cents"`
}

// Counter counts a key and forgets it after the window.
type Counter func(ctx context.Context, key string, window time.Duration) (int64, error)

// Service refuses large orders, and customers with more than PerMinute orders in a minute.
type Service struct {
	Counter   Counter
	PerMinute int64
	MaxCents  int64
	Delay     time.Duration // before each answer, to see what a slow service does
}

// Handler answers 204, or 403 with the reason.
func (s Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /risk/verify", func(w http.ResponseWriter, r *http.Request) {
		var q Question
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&q); err != nil {
			http.Error(w, "no question: "+err.Error(), http.StatusBadRequest)
			return
		}
		select {
		case <-time.After(s.Delay):
		case <-r.Context().Done():
			return // nobody waits for the answer any more
		}
		n, err := s.Counter(r.Context(), "orders:"+q.Customer, time.Minute)
		switch {
		case err != nil:
			http.Error(w, "the counter can't be reached", http.StatusServiceUnavailable)
		case q.TotalCents > s.MaxCents:
			http.Error(w, "too expensive", http.StatusForbidden)
		case n > s.PerMinute:
			http.Error(w, "too many orders in a minute", http.StatusForbidden)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	})
	return mux
}

// Client asks a risk service.
type Client struct {
	URL  string
	HTTP *http.Client
}

// Verify fails with PERMISSION_DENIED and the reason of a refusal, otherwise where there is no answer.
func (c Client) Verify(ctx context.Context, q Question) error {
	body, err := json.Marshal(q)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, "POST", c.URL+"/risk/verify", bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	reason, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10)) // read to the end: the connection is reused
	switch {
	case err != nil:
		return err
	case resp.StatusCode == http.StatusForbidden:
		return status.Error(codes.PermissionDenied, string(bytes.TrimSpace(reason)))
	case resp.StatusCode != http.StatusNoContent:
		return fmt.Errorf("risk answered %s", resp.Status)
	}
	return nil
}

// NewCounter returns a Counter that several copies of the service share through Redis. Without an
// address it counts in memory and never forgets: that is for trying out.
func NewCounter(address string) Counter {
	if address == "" {
		var counts sync.Map
		return func(_ context.Context, key string, _ time.Duration) (int64, error) {
			n, _ := counts.LoadOrStore(key, new(atomic.Int64))
			return n.(*atomic.Int64).Add(1), nil
		}
	}
	client := redis.NewClient(&redis.Options{Addr: address})
	return func(ctx context.Context, key string, window time.Duration) (int64, error) {
		pipe := client.TxPipeline() // one round trip
		n := pipe.Incr(ctx, key)
		pipe.ExpireNX(ctx, key, window) // only the first call of a window sets its end
		_, err := pipe.Exec(ctx)
		return n.Val(), err
	}
}
