package hpa

import (
	"errors"
	"testing"
	"time"
)

var tenPercent = Tolerance{Up: DefaultTolerance, Down: DefaultTolerance}

// --8<-- [start:test]

func TestDesired(t *testing.T) {
	tests := []struct {
		name    string
		metric  Metric
		current int
		want    int
	}{
		{"double", Even("m", 100, 200, 3), 3, 6},
		{"half", Even("m", 100, 50, 4), 4, 2},
		{"rounded up", Even("m", 100, 120, 3), 3, 4},
		{"inside the tolerance, above", Even("m", 100, 109, 10), 10, 10},
		{"inside the tolerance, below", Even("m", 100, 91, 10), 10, 10},
		{"outside the tolerance", Even("m", 100, 111, 10), 10, 12},
		{"cpu of the page", Even("cpu", 65, 30, 4), 4, 2},
		{"qps of the page", Even("qps", 1200, 1800, 4), 4, 6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.metric.Desired(tt.current, tenPercent)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("%d pods: got %d, want %d", tt.current, got, tt.want)
			}
		})
	}
}

// --8<-- [end:test]

func with(m Metric, state State, n int) Metric {
	for range n {
		m.Pods = append(m.Pods, Sample{State: state})
	}
	return m
}

func TestPodsWithoutSample(t *testing.T) {
	tests := []struct {
		name    string
		metric  Metric
		current int
		want    int
	}{
		// 2 pods at 300 would ask for 6; with two pods at 0 the mean is 150: 4 x 1.5.
		{"missing dampens growth", with(Even("m", 100, 300, 2), Missing, 2), 4, 6},
		// 2 pods at 20 and two guessed at 100: mean 60, 4 x 0.6.
		{"missing dampens shrinking", with(Even("m", 100, 20, 2), Missing, 2), 4, 3},
		{"missing would turn growth around", with(Even("m", 100, 150, 2), Missing, 2), 4, 4},
		{"starting pods dampen growth", with(Even("m", 100, 300, 2), NotReady, 2), 4, 6},
		{"starting pods don't count for shrinking", with(Even("m", 100, 20, 4), NotReady, 1), 5, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.metric.Desired(tt.current, tenPercent)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestLargest(t *testing.T) {
	cpu, qps := Even("cpu", 65, 30, 4), Even("qps", 1200, 1800, 4)
	broken := Metric{Name: "broken", Target: 1}
	if got, err := Largest(4, tenPercent, cpu, qps); err != nil || got != 6 {
		t.Errorf("largest: got %d, %v, want 6", got, err)
	}
	if got, err := Largest(4, tenPercent, cpu, broken); !errors.Is(err, ErrNoSamples) || got != 4 {
		t.Errorf("a broken metric must stop shrinking: got %d, %v", got, err)
	}
	if got, err := Largest(4, tenPercent, qps, broken); !errors.Is(err, ErrNoSamples) || got != 6 {
		t.Errorf("a broken metric must not stop growing: got %d, %v", got, err)
	}
	if got, err := Largest(4, tenPercent, broken); !errors.Is(err, ErrNoSamples) || got != 4 {
		t.Errorf("nothing known: got %d, %v, want 4", got, err)
	}
}

func TestScaleUpPolicies(t *testing.T) {
	a := &Autoscaler{MinReplicas: 1, MaxReplicas: 100, Behavior: Defaults()}
	var got []int
	size := 1
	for now := 15 * time.Second; now <= time.Minute; now += 15 * time.Second {
		size = a.Step(now, size, Even("m", 100, 10000, size))
		got = append(got, size)
	}
	for i, want := range []int{5, 10, 20, 40} { // four pods first, then doubling
		if got[i] != want {
			t.Fatalf("sizes %v, want 5 10 20 40", got)
		}
	}
}

func TestScaleDownPolicies(t *testing.T) {
	rules := Rules{
		Policies:  []Policy{{Pods, 4, time.Minute}, {Percent, 10, time.Minute}},
		Tolerance: DefaultTolerance,
	}
	tests := []struct {
		selected Select
		want     int
	}{{Max, 72}, {Min, 76}, {Disabled, 80}}
	for _, tt := range tests {
		rules.Select = tt.selected
		a := &Autoscaler{MinReplicas: 1, MaxReplicas: 100, Behavior: Behavior{Up: Defaults().Up, Down: rules}}
		if got := a.Step(time.Minute, 80, Even("m", 100, 10, 80)); got != tt.want {
			t.Errorf("%s: 80 -> %d, want %d", tt.selected, got, tt.want)
		}
		if got := a.Step(time.Minute+time.Second, tt.want, Even("m", 100, 10, tt.want)); got != tt.want {
			t.Errorf("%s: a second step in the same minute went to %d", tt.selected, got)
		}
	}
}

func TestStabilisationWindow(t *testing.T) {
	a := &Autoscaler{MinReplicas: 1, MaxReplicas: 100, Behavior: Defaults()}
	a.Step(15*time.Second, 10, Even("m", 100, 100, 10)) // proposes 10
	if got := a.Step(5*time.Minute, 10, Even("m", 100, 50, 10)); got != 10 {
		t.Errorf("inside the window: got %d, want 10", got)
	}
	if got := a.Step(5*time.Minute+15*time.Second, 10, Even("m", 100, 50, 10)); got != 5 {
		t.Errorf("after the window: got %d, want 5", got)
	}
}

// --8<-- [start:runaway]

// TestCounterRunsAway keeps the reason why a metric of type Pods must be a rate.
func TestCounterRunsAway(t *testing.T) {
	for _, tt := range []struct {
		kind Kind
		want int
	}{{Counter, 10}, {Rate, 2}} {
		a := &Autoscaler{MinReplicas: 2, MaxReplicas: 10, Behavior: Defaults()}
		points := Simulate(Scenario{
			Load:     func(time.Duration) float64 { return 20 },
			Metric:   tt.kind,
			Target:   1200,
			Sync:     15 * time.Second,
			For:      time.Hour,
			Replicas: 2,
		}, a)
		if got := points[len(points)-1].Replicas; got != tt.want {
			t.Errorf("kind %d: %d pods after an hour, want %d", tt.kind, got, tt.want)
		}
	}
}

// --8<-- [end:runaway]

func TestCheckName(t *testing.T) {
	if err := CheckName("http_requests_total"); !errors.Is(err, ErrCounter) {
		t.Errorf("http_requests_total: %v", err)
	}
	if err := CheckName("http_requests_per_second"); err != nil {
		t.Error(err)
	}
}

func TestServiceFaults(t *testing.T) {
	good := Service{
		Metric: "http_requests_per_second", Target: 300, Replicas: 4, Max: 40,
		Up: Defaults().Up.Policies, PodStart: 20 * time.Second,
	}
	tests := []struct {
		name   string
		change func(*Service)
		want   int
	}{
		{"none", func(*Service) {}, 0},
		{"a counter", func(s *Service) { s.Metric = "http_requests_total" }, 1},
		{"a slow policy", func(s *Service) { s.Up = []Policy{{Pods, 2, time.Minute}} }, 1},
		{"a slow start", func(s *Service) { s.PodStart = 2 * time.Minute }, 1},
		{"a low maximum, and so too few pods", func(s *Service) { s.Max = 10 }, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := good
			tt.change(&s)
			if got := s.Faults(1000, 6000, 2*time.Minute); len(got) != tt.want {
				t.Errorf("%d faults, want %d: %v", len(got), tt.want, got)
			}
		})
	}
}
