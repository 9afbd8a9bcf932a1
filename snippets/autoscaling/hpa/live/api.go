package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// api speaks JSON with an API server.
type api struct {
	client *http.Client
	base   string
}

func newAPI(base string) api {
	return api{&http.Client{Timeout: 5 * time.Second}, base}
}

func (a api) get(ctx context.Context, path string, into any) error {
	return a.do(ctx, http.MethodGet, path, nil, into)
}

// watch sends every state of the objects, from now on, until the context ends.
func watch[T any](ctx context.Context, a api, path string, into chan<- T) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: a.client.Transport} // the answer has no end: no timeout
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("watch %s: %s", path, resp.Status)
	}
	events := json.NewDecoder(resp.Body)
	for {
		var event struct{ Object T }
		if err := events.Decode(&event); err != nil {
			return fmt.Errorf("watch %s: %w", path, err)
		}
		select {
		case into <- event.Object:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// patch merges the change into the object.
func (a api) patch(ctx context.Context, path string, change any) error {
	return a.do(ctx, http.MethodPatch, path, change, nil)
}

func (a api) do(ctx context.Context, method, path string, send, into any) error {
	var body io.Reader
	if send != nil {
		text, err := json.Marshal(send)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, body)
	if err != nil {
		return err
	}
	if send != nil {
		req.Header.Set("Content-Type", "application/merge-patch+json")
	}
	resp, err := a.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %.200s", method, path, resp.Status, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}
