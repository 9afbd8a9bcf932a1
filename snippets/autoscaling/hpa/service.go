package hpa

import (
	"fmt"
	"math"
	"time"
)

// --8<-- [start:service]

// Service is what must be known about a service before its HorizontalPodAutoscaler is applied.
type Service struct {
	Metric   string   // of type Pods
	Target   float64  // averageValue, in requests per second
	Replicas int      // before the surge
	Max      int      // maxReplicas
	Up       []Policy // spec.behavior.scaleUp.policies
	PodStart time.Duration
}

// Faults says what goes wrong when the load rises and must be served again within that time.
func (s Service) Faults(before, after float64, within time.Duration) []error {
	var faults []error
	if err := CheckName(s.Metric); err != nil {
		faults = append(faults, err)
	}
	need := int(math.Ceil(after / s.Target))
	if need > s.Max {
		faults = append(faults, fmt.Errorf("maxReplicas %d: %d pods are needed", s.Max, need))
	}
	const sync, rise = 15 * time.Second, time.Minute
	behavior := Defaults()
	behavior.Up.Policies = s.Up
	points := Simulate(Scenario{
		Load: func(t time.Duration) float64 {
			if t <= rise {
				return before
			}
			return after
		},
		Target: s.Target, Sync: sync, PodStart: s.PodStart, For: rise + within, Replicas: s.Replicas,
	}, &Autoscaler{MinReplicas: 1, MaxReplicas: s.Max, Behavior: behavior})
	if last := points[len(points)-1]; last.Serving < need {
		faults = append(faults, fmt.Errorf("%d pods serve after %v: %d are needed", last.Serving, within, need))
	}
	return faults
}

// --8<-- [end:service]
