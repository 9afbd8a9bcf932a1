// Command hpasim runs the scenarios of the autoscaling page; time in it is simulated.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"example.com/assay/snippets/autoscaling/hpa"
)

func main() {
	scenario := flag.String("scenario", "largest", "largest, counter, rate, surge or drop")
	sync := flag.Duration("sync", 15*time.Second, "time between two rounds")
	start := flag.Duration("podstart", 20*time.Second, "time until a new pod takes traffic")
	window := flag.Duration("down", 5*time.Minute, "stabilisation window for shrinking")
	flag.Parse()
	if *sync < time.Second || *sync%time.Second != 0 {
		fmt.Fprintf(os.Stderr, "-sync %v: want whole seconds, at least 1s\n", *sync)
		os.Exit(2)
	}
	switch *scenario {
	case "largest":
		largest()
	case "counter":
		steady(hpa.Counter, *sync, *start)
	case "rate":
		steady(hpa.Rate, *sync, *start)
	case "surge":
		surge(*sync, *start)
	case "drop":
		drop(*sync, *start, *window)
	default:
		fmt.Fprintf(os.Stderr, "unknown scenario %q\n", *scenario)
		os.Exit(2)
	}
}

// --8<-- [start:largest]

func largest() {
	const pods = 4
	tol := hpa.Tolerance{Up: hpa.DefaultTolerance, Down: hpa.DefaultTolerance}
	cpu := hpa.Even("cpu", 65, 30, pods)
	qps := hpa.Even("qps", 1200, 1800, pods)
	for _, m := range []hpa.Metric{cpu, qps} {
		n, err := m.Desired(pods, tol)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Printf("%s %.0f/%.0f -> %d\n", m.Name, m.Pods[0].Value, m.Target, n)
	}
	n, err := hpa.Largest(pods, tol, cpu, qps)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	mean := (30.0/65 + 1800.0/1200) / 2
	fmt.Printf("largest -> %d\n", n)
	fmt.Printf("not what happens: both above target %t -> %d, mean ratio %.2f -> %d\n",
		30 > 65 && 1800 > 1200, pods, mean, hpa.Replicas(pods, mean, 1))
}

// --8<-- [end:largest]

// --8<-- [start:steady]

// steady serves 20 requests a second for 40 minutes: two pods are plenty.
func steady(kind hpa.Kind, sync, start time.Duration) {
	a := &hpa.Autoscaler{MinReplicas: 2, MaxReplicas: 10, Behavior: hpa.Defaults()}
	show(hpa.Simulate(hpa.Scenario{
		Load:     func(time.Duration) float64 { return 20 },
		Metric:   kind,
		Target:   1200,
		Sync:     sync,
		PodStart: start,
		For:      40 * time.Minute,
		Replicas: 2,
	}, a), 2)
}

// --8<-- [end:steady]

// surge raises the load from 1000 to 6000 requests a second after one minute.
func surge(sync, start time.Duration) {
	const at = time.Minute
	a := &hpa.Autoscaler{MinReplicas: 2, MaxReplicas: 40, Behavior: hpa.Defaults()}
	points := hpa.Simulate(hpa.Scenario{
		Load: func(t time.Duration) float64 {
			if t < at+time.Second {
				return 1000
			}
			return 6000
		},
		Target: 300, Sync: sync, PodStart: start, For: 5 * time.Minute, Replicas: 4,
	}, a)
	show(points, 4)
	for _, p := range points {
		if p.At > at && float64(p.Serving)*300 >= 6000 {
			fmt.Printf("enough pods serve after %.0f s\n", (p.At - at).Seconds())
			return
		}
	}
}

// drop lowers the load from 6000 to 1000 requests a second after one minute.
func drop(sync, start, window time.Duration) {
	const at = time.Minute
	b := hpa.Defaults()
	b.Down.Window = window
	b.Down.Policies = []hpa.Policy{{Type: hpa.Percent, Value: 50, Period: time.Minute}}
	a := &hpa.Autoscaler{MinReplicas: 2, MaxReplicas: 40, Behavior: b}
	show(hpa.Simulate(hpa.Scenario{
		Load: func(t time.Duration) float64 {
			if t < at+time.Second {
				return 6000
			}
			return 1000
		},
		Target: 300, Sync: sync, PodStart: start, For: 12 * time.Minute, Replicas: 20,
	}, a), 20)
}

// show prints the rounds that changed the size, and the last one.
func show(points []hpa.Point, before int) {
	for _, p := range points {
		if p.Replicas != before {
			fmt.Printf("%5.0f s  mean %6.0f  pods %2d -> %2d\n",
				p.At.Seconds(), p.Value, before, p.Replicas)
			before = p.Replicas
		}
	}
	last := points[len(points)-1]
	fmt.Printf("%5.0f s  mean %6.0f  pods %2d at the end\n", last.At.Seconds(), last.Value, last.Replicas)
}
