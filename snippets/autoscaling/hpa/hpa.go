// Package hpa repeats the arithmetic that the Kubernetes documentation gives for the
// HorizontalPodAutoscaler, so that a configuration can be tried before it meets a cluster.
package hpa

import (
	"errors"
	"fmt"
	"math"
)

// DefaultTolerance is the controller's default for --horizontal-pod-autoscaler-tolerance.
const DefaultTolerance = 0.1

// ErrNoSamples says that no pod delivered a usable value.
var ErrNoSamples = errors.New("no pod has a sample")

// State says how the controller may use a pod's sample.
type State int

// The states of a sample.
const (
	Ready    State = iota // counted as it is
	Missing               // the metrics API has no value for this pod
	NotReady              // CPU only: the pod is still starting
)

// Sample is the value of one pod.
type Sample struct {
	Value float64
	State State
}

// Metric is one entry of spec.metrics together with what the pods report for it.
type Metric struct {
	Name   string
	Target float64
	Pods   []Sample
}

// Even gives n ready pods the same value.
func Even(name string, target, value float64, n int) Metric {
	m := Metric{Name: name, Target: target}
	for range n {
		m.Pods = append(m.Pods, Sample{Value: value})
	}
	return m
}

// Tolerance is the relative deviation that is ignored, by direction.
type Tolerance struct{ Up, Down float64 }

func (t Tolerance) covers(ratio float64) bool {
	return ratio >= 1-t.Down && ratio <= 1+t.Up
}

// --8<-- [start:replicas]

// Replicas is the formula without any of its exceptions.
func Replicas(current int, value, target float64) int {
	return int(math.Ceil(float64(current) * value / target))
}

// --8<-- [end:replicas]

// --8<-- [start:desired]

// Desired is the proposal of a single metric for the current number of replicas.
func (m Metric) Desired(current int, tol Tolerance) (int, error) {
	ready, unready := m.count(Ready), m.count(NotReady)
	if ready == 0 || m.Target <= 0 {
		return current, fmt.Errorf("%s: %w", m.Name, ErrNoSamples)
	}
	ratio := m.ratio(0, Ready)
	upWithUnready := unready > 0 && ratio > 1
	if m.count(Missing) == 0 && !upWithUnready {
		if tol.covers(ratio) {
			return current, nil
		}
		return Replicas(ready, ratio, 1), nil
	}

	// Guess against the change: idle pods dampen growth, pods at the target dampen shrinking.
	guess := 0.0
	if ratio < 1 {
		guess = m.Target
	}
	states := []State{Ready, Missing}
	if upWithUnready {
		states = append(states, NotReady)
	}
	second := m.ratio(guess, states...)
	if tol.covers(second) || (ratio < 1) != (second < 1) {
		return current, nil
	}
	desired := Replicas(m.count(states...), second, 1)
	if (second < 1 && desired > current) || (second > 1 && desired < current) {
		return current, nil
	}
	return desired, nil
}

// --8<-- [end:desired]

func (m Metric) count(states ...State) int {
	n := 0
	for _, p := range m.Pods {
		for _, s := range states {
			if p.State == s {
				n++
			}
		}
	}
	return n
}

// ratio is the mean over the pods in the given states divided by the target; pods that
// aren't ready count with the guessed value.
func (m Metric) ratio(guess float64, states ...State) float64 {
	sum, n := 0.0, 0
	for _, p := range m.Pods {
		for _, s := range states {
			if p.State != s {
				continue
			}
			n++
			if s == Ready {
				sum += p.Value
			} else {
				sum += guess
			}
		}
	}
	return sum / float64(n) / m.Target
}

// --8<-- [start:largest]

// Largest asks every metric and keeps the largest proposal. A metric that can't answer
// forbids shrinking, not growing.
func Largest(current int, tol Tolerance, metrics ...Metric) (int, error) {
	best, answered := 0, 0
	var failed error
	for _, m := range metrics {
		n, err := m.Desired(current, tol)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		answered++
		best = max(best, n)
	}
	if answered == 0 || (failed != nil && best < current) {
		return current, failed
	}
	return best, failed
}

// --8<-- [end:largest]
