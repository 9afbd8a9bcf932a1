// Command live is what a control plane without nodes lacks: it reports the pods of a Deployment
// as running and serves the metrics APIs for them (serve), and it sends a real
// HorizontalPodAutoscaler and the simulator through the same load (compare).
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("want serve or compare")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	server := flags.String("api", "http://localhost:8001", "the API server, as kubectl proxy shows it")
	app := flags.String("app", "gateway", "the value of the pods' label app")
	name := flags.String("name", "gateway", "the name of the HorizontalPodAutoscaler")
	listen := flags.String("metrics", "localhost:6444", "where the metrics APIs are served")
	admin := flags.String("load", "localhost:6445", "where the load is set")
	merge := flags.String("merge", "largest", "how the simulator merges metrics: largest, or mean (which is wrong)")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	a := newAPI(*server)
	switch args[0] {
	case "serve":
		return serve(ctx, &cluster{api: a, app: *app}, *listen, *admin)
	case "compare":
		ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
		defer cancel()
		return compare(ctx, live{api: a, name: *name, load: "http://" + *admin + "/load"}, *merge == "mean")
	}
	return fmt.Errorf("unknown command %q", args[0])
}
