package gateway

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/assay/shop/serve"
	"example.com/assay/shop/shoppb"
)

type orders struct {
	shoppb.OrdersClient
	place func(context.Context) error
}

func (o orders) Place(
	ctx context.Context, _ *shoppb.PlaceRequest, _ ...grpc.CallOption,
) (*shoppb.Order, error) {
	if err := o.place(ctx); err != nil {
		return nil, err // as generated clients do: no order beside an error
	}
	return &shoppb.Order{Id: "1"}, nil
}

func post(ctx context.Context, body string, place func(context.Context) error) (code int, answer string) {
	w := httptest.NewRecorder()
	Gateway{Orders: orders{place: place}, Timeout: time.Minute, Metrics: serve.NewMetrics()}.Handler().
		ServeHTTP(w, httptest.NewRequestWithContext(ctx, "POST", "/orders", strings.NewReader(body)))
	return w.Code, w.Body.String()
}

func TestBodies(t *testing.T) {
	for body, want := range map[string]int{
		`{"product": "tea", "quantity": 2}`: 201, `{"product": "tea"} {}`: 400, `{"price": 1}`: 400, ``: 400,
		`{"product": "` + strings.Repeat("x", MaxBody) + `"}`: 413,
	} {
		if code, answer := post(t.Context(), body, func(context.Context) error { return nil }); code != want {
			t.Errorf("%.40s -> %d %s, want %d", body, code, answer, want)
		}
	}
}

func TestErrorsAreErrorsAndKeepSecrets(t *testing.T) {
	for code := codes.OK; code <= codes.Unauthenticated+1; code++ {
		got, answer := post(t.Context(), "{}", func(context.Context) error {
			if code == codes.Internal {
				panic("secret")
			}
			return status.Error(code, "secret")
		})
		if (got < 300) != (code == codes.OK) || got >= 500 && strings.Contains(answer, "secret") {
			t.Errorf("%v -> %d %s", code, got, answer)
		}
	}
}

func TestAClientThatLeavesEndsTheCall(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	code, answer := post(ctx, "{}", func(ctx context.Context) error {
		leave()
		<-ctx.Done() // after a minute, if the client isn't noticed
		return status.FromContextError(ctx.Err()).Err()
	})
	if code != StatusClientGone {
		t.Errorf("%d %s", code, answer)
	}
}
