package risk

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

func ask(t *testing.T, s Service, q Question) (string, error) {
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return Client{URL: server.URL, HTTP: server.Client()}.Verify(t.Context(), q)
}

func TestVerify(t *testing.T) {
	s := Service{Counter: Memory(), PerMinute: 2, MaxCents: 1000}
	for _, test := range []struct {
		cents int64
		want  string
	}{{10, ""}, {2000, "too expensive"}, {10, "too many orders in a minute"}} {
		refused, err := ask(t, s, Question{Customer: "lin", TotalCents: test.cents})
		if err != nil || refused != test.want {
			t.Errorf("%d: %q, %v; want %q", test.cents, refused, err, test.want)
		}
	}
}

func TestVerifyEndsWithItsCaller(t *testing.T) {
	server := httptest.NewServer(Service{Counter: Memory(), Delay: time.Hour}.Handler())
	defer server.Close() // waits for the handler: it must have ended
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := (Client{URL: server.URL, HTTP: server.Client()}).Verify(ctx, Question{}); err == nil {
		t.Error("no error")
	}
}

func TestRedisForgetsAfterTheWindow(t *testing.T) {
	server := miniredis.RunT(t)
	counter := Redis(redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1}))
	s := Service{Counter: counter, PerMinute: 1, MaxCents: 1000}
	for _, want := range []string{"", "too many orders in a minute"} {
		if refused, err := ask(t, s, Question{Customer: "lin"}); err != nil || refused != want {
			t.Errorf("%q, %v; want %q", refused, err, want)
		}
	}
	server.FastForward(time.Minute)
	if refused, err := ask(t, s, Question{Customer: "lin"}); err != nil || refused != "" {
		t.Errorf("a minute later: %q, %v", refused, err)
	}
	server.Close()
	if _, err := ask(t, s, Question{Customer: "lin"}); err == nil {
		t.Error("no error without Redis")
	}
}
