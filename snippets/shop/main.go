// Command shop is the sample system: each service is a subcommand.
//
//	shop product|inventory|risk|order|gateway [flags]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"example.com/assay/shop/gateway"
	"example.com/assay/shop/inventory"
	"example.com/assay/shop/order"
	"example.com/assay/shop/product"
	"example.com/assay/shop/risk"
	"example.com/assay/shop/serve"
	"example.com/assay/shop/shoppb"
	"example.com/assay/shop/store"
)

var (
	prices = map[string]int64{"tea": 350, "coffee": 900, "cup": 1200}
	stock  = map[string]int32{"tea": 100, "coffee": 1_000_000, "cup": 1_000_000}

	listen    = flag.String("listen", "localhost:8080", "address of the service")
	admin     = flag.String("admin", "", "address of health and metrics; none if empty")
	collector = flag.String("otlp", "", "address of an OTLP collector; no traces are sent if empty")
	database  = flag.String("db", "", "PostgreSQL URL; in memory if empty")
	cache     = flag.String("redis", "", "address of Redis; in memory if empty")
	products  = flag.String("product", "localhost:9001", "address of product")
	stocks    = flag.String("inventory", "localhost:9002", "address of inventory")
	risks     = flag.String("risk", "http://localhost:9003", "URL of risk")
	orders    = flag.String("order", "localhost:9004", "address of order")
	delay     = flag.Duration("delay", 0, "how long risk waits before it answers")
	timeout   = flag.Duration("timeout", 2*time.Second, "how long the gateway waits for a service")
	limit     = flag.Int64("limit", 1000, "orders of one customer in a minute")
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) < 2 {
		os.Args = append(os.Args, "")
	}
	name := os.Args[1]
	_ = flag.CommandLine.Parse(os.Args[2:]) // ends the program if it fails
	if err := run(ctx, name); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, name string) error {
	stopTraces, err := serve.Traces(ctx, name, *collector)
	if err != nil {
		return err
	}
	metrics := serve.NewMetrics()
	if *admin != "" {
		l, err := net.Listen("tcp", *admin)
		if err != nil {
			return err
		}
		go func() { _ = http.Serve(l, serve.Admin(ctx, metrics)) }()
	}
	err = service(ctx, name, metrics)
	flushing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return errors.Join(err, stopTraces(flushing))
}

// service connects one service with what it needs, and serves it until ctx ends.
func service(ctx context.Context, name string, metrics *serve.Metrics) error {
	data, err := store.Open(ctx, *database, stock)
	if err != nil {
		return err
	}
	server := serve.NewGRPC(metrics)
	var handler http.Handler // where it isn't a gRPC service
	switch name {
	case "product":
		shoppb.RegisterProductsServer(server, product.Server{Prices: prices})
	case "inventory":
		shoppb.RegisterInventoryServer(server, inventory.Server{Store: data})
	case "order":
		shoppb.RegisterOrdersServer(server, &order.Server{
			Products:  shoppb.NewProductsClient(serve.Dial(*products)),
			Inventory: shoppb.NewInventoryClient(serve.Dial(*stocks)),
			Risk:      risk.Client{URL: *risks, HTTP: serve.Client()},
			Store:     data,
		})
	case "risk":
		handler = risk.Service{
			Counter: risk.NewCounter(*cache), PerMinute: *limit, MaxCents: 100_000, Delay: *delay,
		}.Handler()
	case "gateway":
		handler = gateway.Gateway{
			Orders:   shoppb.NewOrdersClient(serve.Dial(*orders)),
			Products: shoppb.NewProductsClient(serve.Dial(*products)),
			Timeout:  *timeout, Metrics: metrics,
		}.Handler()
	default:
		return fmt.Errorf("no service %q; there are product, inventory, risk, order, gateway", name)
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	slog.Info("listening", "service", name, "address", *listen)
	defer slog.Info("stopped", "service", name)
	if handler == nil {
		return serve.GRPC(ctx, l, server, serve.Grace)
	}
	return serve.HTTP(ctx, l, otelhttp.NewHandler(handler, name), serve.Grace)
}
