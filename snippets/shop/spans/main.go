// Command spans asks Jaeger's HTTP API for traces and prints them as text.
//
//	spans -want 9 ID         one trace as a tree, as soon as it has nine spans
//	spans -want 9 -sum ID    only the numbers
//	spans -want 9 -run NAME  the numbers of all traces whose spans name this load test
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"example.com/assay/shop/serve"
)

// statusError is OTLP's STATUS_CODE_ERROR.
const statusError = 2

// answer is OTLP in JSON, as /api/v3/traces gives it.
type answer struct {
	Result struct {
		ResourceSpans []struct {
			Resource   struct{ Attributes attributes }
			ScopeSpans []struct{ Spans []*span }
		}
	}
}

type attributes []struct {
	Key   string
	Value struct{ StringValue string }
}

type span struct {
	TraceID, SpanID, ParentSpanID, Name string

	Start      int64 `json:"startTimeUnixNano,string"`
	End        int64 `json:"endTimeUnixNano,string"`
	Attributes attributes
	Status     struct{ Code int }
	service    string
}

func (a attributes) get(key string) string {
	for _, one := range a {
		if one.Key == key {
			return one.Value.StringValue
		}
	}
	return ""
}

func main() {
	var (
		jaeger = flag.String("jaeger", "http://localhost:16686", "URL of Jaeger's query API")
		want   = flag.Int("want", 1, "how many spans to wait for")
		sum    = flag.Bool("sum", false, "print only the numbers")
		run    = flag.String("run", "", "the load test to count")
	)
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	spans, err := wait(ctx, *want, func() ([]*span, error) {
		if *run == "" {
			return fetch(ctx, *jaeger+"/api/v3/traces/"+flag.Arg(0))
		}
		spans, err := fetch(ctx, *jaeger+"/api/v3/traces?"+recent(time.Now()).Encode())
		return slices.DeleteFunc(spans, func(s *span) bool { return s.Attributes.get(serve.RunKey) != *run }), err
	})
	if *sum || *run != "" {
		fmt.Println(numbers(spans))
	} else {
		tree(os.Stdout, spans, "", "")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "spans:", err)
		os.Exit(1)
	}
}

// wait asks until there are enough spans: each service sends its own, when it has some together.
func wait(ctx context.Context, want int, ask func() ([]*span, error)) ([]*span, error) {
	for {
		spans, err := ask()
		if err != nil || len(spans) >= want {
			return spans, err
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return spans, fmt.Errorf("%d spans came, %d are wanted", len(spans), want)
		}
	}
}

func recent(now time.Time) url.Values {
	return url.Values{
		"query.service_name":   {"gateway"},
		"query.start_time_min": {now.Add(-time.Hour).Format(time.RFC3339Nano)},
		"query.start_time_max": {now.Add(time.Hour).Format(time.RFC3339Nano)},
		"query.num_traces":     {"1000"},
	}
}

func fetch(ctx context.Context, address string) ([]*span, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return nil, nil // not yet
	}
	return decode(resp.Body)
}

func decode(body io.Reader) (spans []*span, err error) {
	var a answer
	if err := json.NewDecoder(body).Decode(&a); err != nil {
		return nil, err
	}
	for _, of := range a.Result.ResourceSpans {
		for _, scope := range of.ScopeSpans {
			for _, s := range scope.Spans {
				s.service = of.Resource.Attributes.get("service.name")
				spans = append(spans, s)
			}
		}
	}
	slices.SortStableFunc(spans, func(a, b *span) int { return int(a.Start - b.Start) })
	return spans, nil
}

// tree prints the spans below a parent, and at the top those whose parent isn't in the trace.
func tree(w io.Writer, spans []*span, parent, indent string) {
	for _, s := range spans {
		top := parent == "" && !slices.ContainsFunc(spans, func(p *span) bool { return p.SpanID == s.ParentSpanID })
		if !top && (parent == "" || s.ParentSpanID != parent) {
			continue
		}
		failed := ""
		if s.Status.Code == statusError {
			failed = " ERROR"
		}
		fmt.Fprintf(w, "%s%s: %s %d ms%s\n", indent, s.service, s.Name, (s.End-s.Start)/1e6, failed)
		tree(w, spans, s.SpanID, indent+"  ")
	}
}

func numbers(spans []*span) string {
	traces, services := map[string]bool{}, map[string]bool{}
	for _, s := range spans {
		traces[s.TraceID], services[s.service] = true, true
	}
	return fmt.Sprintf("traces: %d, services: %d, spans: %d", len(traces), len(services), len(spans))
}
