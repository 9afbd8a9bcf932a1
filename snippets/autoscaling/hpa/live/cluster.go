package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const podsPath = "/api/v1/namespaces/default/pods"

type object = map[string]any

type condition struct{ Type, Status, Reason string }

type podList struct {
	Items []struct {
		Metadata struct{ Name string }
		Status   struct{ Conditions []condition }
	}
}

// load is what the whole service has to do.
type load struct {
	RPS float64 // requests per second
	CPU float64 // in percent of one pod's CPU request
}

// cluster stands for the nodes: pods start at once and share the load evenly.
type cluster struct {
	api api
	app string

	mu    sync.Mutex
	load  load
	at    time.Time          // up to when total is counted
	pods  []string           // ready, sorted by name
	total map[string]float64 // requests since each pod started
}

// --8<-- [start:pods]

// refresh reports every new pod as ready and shares the load among all.
func (c *cluster) refresh(ctx context.Context) error {
	var list podList
	if err := c.api.get(ctx, podsPath+"?labelSelector="+url.QueryEscape("app="+c.app), &list); err != nil {
		return err
	}
	var ready []string
	var failed error
	for _, pod := range list.Items {
		if len(pod.Status.Conditions) == 0 {
			err := c.api.patch(ctx, podsPath+"/"+pod.Metadata.Name+"/status", running(time.Now()))
			failed = errors.Join(failed, err)
		}
		ready = append(ready, pod.Metadata.Name)
	}
	c.serve(time.Now(), ready)
	return failed
}

// running is what a kubelet reports when a pod's containers answer their probes.
func running(now time.Time) object {
	at := now.UTC().Format(time.RFC3339)
	return object{"status": object{
		"phase":      "Running",
		"startTime":  at,
		"conditions": []object{{"type": "Ready", "status": "True", "lastTransitionTime": at}},
	}}
}

// --8<-- [end:pods]

// serve counts what the pods have done since the last call, and goes on with these.
func (c *cluster) serve(now time.Time, pods []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count(now)
	c.pods = pods
}

func (c *cluster) count(now time.Time) {
	total := map[string]float64{}
	for _, name := range c.pods {
		done := c.load.RPS * now.Sub(c.at).Seconds() / float64(len(c.pods))
		total[name] = c.total[name] + done
	}
	c.at, c.total = now, total
}

// set answers a request that changes the load: rps=..., cpu=...
func (c *cluster) set(w http.ResponseWriter, r *http.Request) {
	var next load
	for name, into := range map[string]*float64{"rps": &next.RPS, "cpu": &next.CPU} {
		if _, err := fmt.Sscan(r.FormValue(name), into); err != nil || *into < 0 {
			http.Error(w, fmt.Sprintf("%s=%q: want a number", name, r.FormValue(name)), http.StatusBadRequest)
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count(time.Now())
	c.load = next
}
