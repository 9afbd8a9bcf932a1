package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"example.com/assay/snippets/autoscaling/hpa"
)

// --8<-- [start:phases]

// phase is a load, and the reason that the controller must give for what it does under it.
type phase struct {
	load   load
	reason string
}

var phases = []phase{
	{load{RPS: 7200, CPU: 120}, ""},                 // only the requests ask for more
	{load{RPS: 2400, CPU: 900}, "ScaleUpLimit"},     // only the CPU does; the policy holds it back
	{load{RPS: 60000, CPU: 900}, "TooManyReplicas"}, // more than maxReplicas
	{load{RPS: 2400, CPU: 60}, "ScaleDownLimit"},    // back, after the window, in steps
}

// --8<-- [end:phases]

var errDiffer = errors.New("the controller and the simulator differ")

const (
	scalersPath     = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers"
	deploymentsPath = "/apis/apps/v1/namespaces/default/deployments"
)

// live is a HorizontalPodAutoscaler in a control plane.
type live struct {
	api  api
	name string
	load string // where the load is set

	sizes   chan deployment
	reasons chan scaler
	lost    chan error // a watch ended
}

type deployment struct{ Spec struct{ Replicas int } }

// compare sends the controller and the simulator through the phases, up to the first difference.
func compare(ctx context.Context, l live, mean bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var s scaler
	if err := l.api.get(ctx, scalersPath+"/"+l.name, &s); err != nil {
		return err
	}
	l.sizes, l.reasons, l.lost = make(chan deployment), make(chan scaler), make(chan error, 2)
	only := "?watch=1&fieldSelector=metadata.name%3D"
	go func() { l.lost <- watch(ctx, l.api, deploymentsPath+only+s.Spec.ScaleTargetRef.Name, l.sizes) }()
	go func() { l.lost <- watch(ctx, l.api, scalersPath+only+l.name, l.reasons) }()
	var size int
	select { // a watch begins with the present state
	case d := <-l.sizes:
		size = d.Spec.Replicas
	case err := <-l.lost:
		return err
	}
	expected, err := simulate(s, size, phases, mean)
	if err != nil {
		return err
	}
	for i, p := range phases {
		sizes, seen, err := l.drive(ctx, s, p, expected[i])
		if err != nil {
			return err
		}
		fmt.Printf("rps %5.0f cpu %3.0f%%  controller %-10s  simulator %-10s  %s\n",
			p.load.RPS, p.load.CPU, row(sizes), row(expected[i]), p.reason)
		if !slices.Equal(sizes, expected[i]) {
			return errDiffer
		}
		if p.reason != "" && !seen[p.reason] {
			return fmt.Errorf("the controller never said %s", p.reason)
		}
	}
	return nil
}

// --8<-- [start:simulate]

// simulate returns the sizes of each phase, beginning with the one that it starts from.
func simulate(s scaler, size int, phases []phase, mean bool) ([][]int, error) {
	a, err := s.simulator()
	if err != nil {
		return nil, err
	}
	var all [][]int
	now := time.Duration(0)
	for _, p := range phases {
		sizes := []int{size}
		for quiet := time.Duration(0); quiet <= s.longest(); quiet += time.Second {
			now += time.Second
			metrics, err := s.observe(p.load, size)
			if err != nil {
				return nil, err
			}
			if mean {
				metrics = []hpa.Metric{average(metrics, size)}
			}
			if next := a.Step(now, size, metrics...); next != size {
				size, quiet = next, 0
				sizes = append(sizes, size)
			}
		}
		all = append(all, sizes)
	}
	return all, nil
}

// --8<-- [end:simulate]

// average is what a weighted reading would do: one metric, the mean of all ratios.
func average(metrics []hpa.Metric, n int) hpa.Metric {
	sum := 0.0
	for _, m := range metrics {
		sum += m.Pods[0].Value / m.Target
	}
	return hpa.Even("mean", 1, sum/float64(len(metrics)), n)
}

// longest is how long nothing may seem to happen although something will.
func (s scaler) longest() time.Duration {
	up, down := s.Spec.Behavior.ScaleUp, s.Spec.Behavior.ScaleDown
	return max(up.convert().Window, down.convert().Window, up.period(), down.period())
}

// drive sets the load and notes the sizes, and the reasons given, until the size rests or is
// another than the wanted one.
func (l live) drive(ctx context.Context, s scaler, p phase, want []int) ([]int, map[string]bool, error) {
	if err := l.set(ctx, p.load); err != nil {
		return nil, nil, err
	}
	// the policies must have forgotten this phase when the next begins
	rest := max(s.Spec.Behavior.ScaleUp.period(), s.Spec.Behavior.ScaleDown.period()) + time.Second/2
	sizes, seen := want[:1:1], map[string]bool{}
	for {
		wait := s.longest() + 10*time.Second
		if len(sizes) == len(want) {
			wait = rest
		}
		quiet := time.After(wait)
		for changed := false; !changed; {
			select {
			case d := <-l.sizes:
				if changed = d.Spec.Replicas != sizes[len(sizes)-1]; changed {
					sizes = append(sizes, d.Spec.Replicas)
				}
			case h := <-l.reasons:
				for _, c := range h.Status.Conditions {
					if c.Type == "ScalingLimited" && c.Status == "True" {
						seen[c.Reason] = true
					}
				}
			case <-quiet:
				return sizes, seen, nil
			case err := <-l.lost:
				return nil, nil, err
			}
		}
		if len(sizes) > len(want) || !slices.Equal(sizes, want[:len(sizes)]) {
			return sizes, seen, nil
		}
	}
}

func (l live) set(ctx context.Context, next load) error {
	form := url.Values{"rps": {fmt.Sprint(next.RPS)}, "cpu": {fmt.Sprint(next.CPU)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.load, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := l.api.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the load: %s", resp.Status)
	}
	return nil
}

func row(sizes []int) string { return strings.Trim(fmt.Sprint(sizes), "[]") }
