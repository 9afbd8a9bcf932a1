package main

import (
	"fmt"
	"strconv"
	"time"

	"example.com/assay/snippets/autoscaling/hpa"
)

// scaler is a HorizontalPodAutoscaler as the API server gives it back, defaults filled in.
type scaler struct {
	Spec struct {
		ScaleTargetRef struct{ Name string }
		MinReplicas    int
		MaxReplicas    int
		Metrics        []metricSpec
		Behavior       struct{ ScaleUp, ScaleDown *rules }
	}
	Status struct{ Conditions []condition }
}

type metricSpec struct {
	Resource *struct {
		Target struct{ AverageUtilization float64 }
	}
	Pods *struct {
		Metric struct{ Name string }
		Target struct{ AverageValue string }
	}
}

type rules struct {
	StabilizationWindowSeconds int
	SelectPolicy               hpa.Select
	Policies                   []struct {
		Type          hpa.PolicyType
		Value         int
		PeriodSeconds int
	}
}

// --8<-- [start:simulator]

// simulator gives the simulator the rules of a real HorizontalPodAutoscaler.
func (s scaler) simulator() (*hpa.Autoscaler, error) {
	if s.Spec.Behavior.ScaleUp == nil || s.Spec.Behavior.ScaleDown == nil {
		return nil, fmt.Errorf("spec.behavior: want both directions")
	}
	return &hpa.Autoscaler{
		MinReplicas: s.Spec.MinReplicas,
		MaxReplicas: s.Spec.MaxReplicas,
		Behavior: hpa.Behavior{
			Up:   s.Spec.Behavior.ScaleUp.convert(),
			Down: s.Spec.Behavior.ScaleDown.convert(),
		},
	}, nil
}

// observe is what each metric would say if n pods shared the load evenly.
func (s scaler) observe(l load, n int) ([]hpa.Metric, error) {
	var all []hpa.Metric
	for _, m := range s.Spec.Metrics {
		switch {
		case m.Resource != nil:
			all = append(all, hpa.Even("cpu", m.Resource.Target.AverageUtilization, l.CPU/float64(n), n))
		case m.Pods != nil:
			target, err := strconv.ParseFloat(m.Pods.Target.AverageValue, 64)
			if err != nil {
				return nil, fmt.Errorf("averageValue: %w", err)
			}
			all = append(all, hpa.Even(m.Pods.Metric.Name, target, l.RPS/float64(n), n))
		default:
			return nil, fmt.Errorf("spec.metrics: want Resource or Pods")
		}
	}
	return all, nil
}

// --8<-- [end:simulator]

func (r rules) convert() hpa.Rules {
	out := hpa.Rules{
		Window:    time.Duration(r.StabilizationWindowSeconds) * time.Second,
		Select:    r.SelectPolicy,
		Tolerance: hpa.DefaultTolerance,
	}
	for _, p := range r.Policies {
		period := time.Duration(p.PeriodSeconds) * time.Second
		out.Policies = append(out.Policies, hpa.Policy{Type: p.Type, Value: p.Value, Period: period})
	}
	return out
}

// period is the longest time that a policy looks back.
func (r rules) period() time.Duration {
	longest := time.Duration(0)
	for _, p := range r.convert().Policies {
		longest = max(longest, p.Period)
	}
	return longest
}
