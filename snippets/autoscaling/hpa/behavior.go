package hpa

import (
	"math"
	"slices"
	"time"
)

// PolicyType says whether a policy counts pods or a share of them.
type PolicyType string

// The two types of a scaling policy.
const (
	Pods    PolicyType = "Pods"
	Percent PolicyType = "Percent"
)

// Select says which policy of a direction counts.
type Select string

// The values of selectPolicy.
const (
	Max      Select = "Max"
	Min      Select = "Min"
	Disabled Select = "Disabled"
)

// Policy bounds the change within the last Period.
type Policy struct {
	Type   PolicyType
	Value  int
	Period time.Duration
}

// Rules are the behavior of one direction.
type Rules struct {
	Window    time.Duration // stabilizationWindowSeconds
	Policies  []Policy
	Select    Select
	Tolerance float64
}

// Behavior is spec.behavior.
type Behavior struct{ Up, Down Rules }

// --8<-- [start:defaults]

// Defaults is what the API server fills in when spec.behavior is absent.
func Defaults() Behavior {
	const period = 15 * time.Second
	return Behavior{
		Up: Rules{
			Policies:  []Policy{{Pods, 4, period}, {Percent, 100, period}},
			Select:    Max,
			Tolerance: DefaultTolerance,
		},
		Down: Rules{
			Window:    5 * time.Minute,
			Policies:  []Policy{{Percent, 100, period}},
			Select:    Max,
			Tolerance: DefaultTolerance,
		},
	}
}

// --8<-- [end:defaults]

type entry struct {
	at    time.Duration
	value int
}

// Autoscaler keeps what the controller remembers between two rounds.
type Autoscaler struct {
	MinReplicas, MaxReplicas int
	Behavior                 Behavior

	recommended []entry // proposals before limits
	changes     []entry // replicas added (positive) or removed (negative)
}

// --8<-- [start:step]

// Step is one round of the control loop at the given time; it returns the new size.
func (a *Autoscaler) Step(now time.Duration, current int, metrics ...Metric) int {
	tol := Tolerance{Up: a.Behavior.Up.Tolerance, Down: a.Behavior.Down.Tolerance}
	proposal, err := Largest(current, tol, metrics...)
	if err != nil && proposal == current {
		return current
	}
	a.recommended = append(a.recommended, entry{now, proposal})
	next := a.stabilise(now, current, proposal)
	switch {
	case next > current:
		next = min(next, a.upLimit(now, current))
	case next < current:
		next = max(next, a.downLimit(now, current))
	}
	next = min(max(next, a.MinReplicas), a.MaxReplicas)
	if next != current {
		a.changes = append(a.changes, entry{now, next - current})
	}
	return next
}

// --8<-- [end:step]

// stabilise lets the size grow to the lowest recent proposal of the upward window and
// shrink to the highest one of the downward window.
func (a *Autoscaler) stabilise(now time.Duration, current, proposal int) int {
	up, down := proposal, proposal
	for _, r := range a.recommended {
		if r.at > now-a.Behavior.Up.Window {
			up = min(up, r.value)
		}
		if r.at > now-a.Behavior.Down.Window {
			down = max(down, r.value)
		}
	}
	return min(max(current, up), down)
}

// atStart is the size at the beginning of the last period.
func (a *Autoscaler) atStart(now, period time.Duration, current int) int {
	for _, c := range a.changes {
		if c.at > now-period {
			current -= c.value
		}
	}
	return current
}

func (a *Autoscaler) upLimit(now time.Duration, current int) int {
	bounds := a.bounds(a.Behavior.Up, now, current, func(start int, p Policy) int {
		if p.Type == Pods {
			return start + p.Value
		}
		return int(math.Ceil(float64(start) * (1 + float64(p.Value)/100)))
	})
	if a.Behavior.Up.Select == Min {
		return max(current, slices.Min(bounds))
	}
	return max(current, slices.Max(bounds))
}

func (a *Autoscaler) downLimit(now time.Duration, current int) int {
	bounds := a.bounds(a.Behavior.Down, now, current, func(start int, p Policy) int {
		if p.Type == Pods {
			return start - p.Value
		}
		return int(float64(start) * (1 - float64(p.Value)/100))
	})
	if a.Behavior.Down.Select == Min {
		return min(current, slices.Max(bounds))
	}
	return min(current, slices.Min(bounds))
}

// bounds asks every policy how far the size may go from where its period began.
func (a *Autoscaler) bounds(
	r Rules, now time.Duration, current int, bound func(start int, p Policy) int,
) []int {
	if r.Select == Disabled || len(r.Policies) == 0 {
		return []int{current}
	}
	var all []int
	for _, p := range r.Policies {
		all = append(all, bound(a.atStart(now, p.Period, current), p))
	}
	return all
}
