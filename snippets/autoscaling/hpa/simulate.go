package hpa

import (
	"math"
	"time"
)

// Load is the whole service's request rate at a time, in requests per second.
type Load func(t time.Duration) float64

// Kind says what the Pods metric reports.
type Kind int

// A counter is the number of requests since the pod started; a rate is requests per second.
const (
	Rate Kind = iota
	Counter
)

// Scenario is a workload with one Pods metric.
type Scenario struct {
	Load     Load
	Metric   Kind
	Target   float64       // averageValue
	Sync     time.Duration // --horizontal-pod-autoscaler-sync-period
	PodStart time.Duration // from creation until the pod takes traffic
	For      time.Duration
	Replicas int // at the start
}

// Point is the state after one round.
type Point struct {
	At       time.Duration
	Replicas int     // wanted
	Serving  int     // ready for traffic
	Value    float64 // mean over the serving pods, as the metrics API reports it
}

type pod struct {
	readyAt time.Duration
	total   float64
}

// Simulate runs the scenario in steps of one second and returns a point for every round.
func Simulate(s Scenario, a *Autoscaler) []Point {
	pods := make([]pod, s.Replicas)
	var points []Point
	for t := time.Second; t <= s.For; t += time.Second {
		rate := s.serve(pods, t)
		if t%s.Sync != 0 {
			continue
		}
		metric, value := s.observe(pods, t, rate)
		size := a.Step(t, len(pods), metric)
		for len(pods) < size {
			pods = append(pods, pod{readyAt: t + s.PodStart})
		}
		pods = pods[:size]
		points = append(points, Point{t, size, serving(pods, t), value})
	}
	return points
}

// serve spreads one second of load evenly over the ready pods and returns the rate of each.
func (s Scenario) serve(pods []pod, t time.Duration) float64 {
	rate := s.Load(t) / float64(serving(pods, t))
	for i := range pods {
		if pods[i].readyAt <= t {
			pods[i].total += rate
		}
	}
	return rate
}

func (s Scenario) observe(pods []pod, t time.Duration, rate float64) (Metric, float64) {
	m := Metric{Name: "requests", Target: s.Target}
	sum, n := 0.0, 0
	for _, p := range pods {
		if p.readyAt > t {
			m.Pods = append(m.Pods, Sample{State: Missing})
			continue
		}
		v := rate
		if s.Metric == Counter {
			v = math.Floor(p.total) // a counter of requests is whole
		}
		sum, n = sum+v, n+1
		m.Pods = append(m.Pods, Sample{Value: v})
	}
	return m, sum / float64(n)
}

func serving(pods []pod, t time.Duration) int {
	n := 0
	for _, p := range pods {
		if p.readyAt <= t {
			n++
		}
	}
	return n
}
