// Command jaeger is the smallest useful Jaeger 2: the OTLP receiver, the memory storage and the
// stable HTTP API (/api/v3), each Jaeger's own package, on Jaeger's own ports. The official
// command has every storage and Kafka besides: 2340 packages instead of 587.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gorilla/mux"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.uber.org/zap"

	"github.com/jaegertracing/jaeger/cmd/query/app/apiv3"
	"github.com/jaegertracing/jaeger/cmd/query/app/querysvc/v2/querysvc"
	v1 "github.com/jaegertracing/jaeger/internal/storage/v1/memory"
	"github.com/jaegertracing/jaeger/internal/storage/v2/memory"
)

const (
	queryAddress = "localhost:16686"
	maxTraces    = 100_000 // as in Jaeger's own all-in-one.yaml
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "jaeger:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	store, err := memory.NewStore(v1.Configuration{MaxTraces: maxTraces})
	if err != nil {
		return err
	}
	log, err := zap.NewProduction()
	if err != nil {
		return err
	}
	input, err := receive(ctx, store, log)
	if err != nil {
		return err
	}
	router := mux.NewRouter()
	gateway := apiv3.HTTPGateway{
		QueryService: querysvc.NewQueryService(store, store, querysvc.QueryServiceOptions{}), Logger: log,
	}
	gateway.RegisterRoutes(router)
	server := &http.Server{Addr: queryAddress, Handler: router, ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	log.Info("query", zap.String("address", queryAddress))
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(ending), input.Shutdown(ending))
}

// receive takes OTLP on its usual ports, 4317 for gRPC and 4318 for HTTP.
func receive(ctx context.Context, store *memory.Store, log *zap.Logger) (component.Component, error) {
	writer, err := consumer.NewTraces(store.WriteTraces)
	if err != nil {
		return nil, err
	}
	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig().(*otlpreceiver.Config)
	config.GRPC.GetOrInsertDefault()
	config.HTTP.GetOrInsertDefault()
	settings := receiver.Settings{
		ID: component.NewID(factory.Type()), TelemetrySettings: componenttest.NewNopTelemetrySettings(),
	}
	settings.Logger = log
	input, err := factory.CreateTraces(ctx, settings, config, writer)
	if err != nil {
		return nil, err
	}
	return input, input.Start(ctx, componenttest.NewNopHost())
}
