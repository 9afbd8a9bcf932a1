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

// live is a HorizontalPodAutoscaler in a control plane.
type live struct {
	api  api
	name string
	load string // where the load is set
}

// compare sends the controller and the simulator through the phases, up to the first difference.
func compare(ctx context.Context, l live, mean bool) error {
	s, err := l.scaler(ctx)
	if err != nil {
		return err
	}
	size, err := l.replicas(ctx, s)
	if err != nil {
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

// drive sets the load and notes the sizes, and the reasons given, until the size rests.
func (l live) drive(ctx context.Context, s scaler, p phase, want []int) ([]int, map[string]bool, error) {
	first, err := l.replicas(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	if err := l.set(ctx, p.load); err != nil {
		return nil, nil, err
	}
	// the policies must have forgotten this phase when the next begins
	rest := max(s.Spec.Behavior.ScaleUp.period(), s.Spec.Behavior.ScaleDown.period()) + time.Second/2
	sizes, seen, changed := []int{first}, map[string]bool{}, time.Now()
	for {
		size, err := l.replicas(ctx, s)
		if err != nil {
			return nil, nil, err
		}
		if sizes[len(sizes)-1] != size {
			sizes, changed = append(sizes, size), time.Now()
		}
		now, err := l.scaler(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range now.Status.Conditions {
			if c.Type == "ScalingLimited" && c.Status == "True" {
				seen[c.Reason] = true
			}
		}
		quiet, as := time.Since(changed), len(sizes) <= len(want) && slices.Equal(sizes, want[:len(sizes)])
		if !as || quiet > s.longest()+10*time.Second || (quiet > rest && len(sizes) == len(want)) {
			return sizes, seen, nil
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (l live) scaler(ctx context.Context) (s scaler, err error) {
	err = l.api.get(ctx, "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/"+l.name, &s)
	return s, err
}

// replicas is the size that the controller has written into the Deployment.
func (l live) replicas(ctx context.Context, s scaler) (int, error) {
	var deployment struct{ Spec struct{ Replicas int } }
	err := l.api.get(ctx, "/apis/apps/v1/namespaces/default/deployments/"+s.Spec.ScaleTargetRef.Name, &deployment)
	return deployment.Spec.Replicas, err
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
