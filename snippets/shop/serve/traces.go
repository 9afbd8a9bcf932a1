package serve

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// RunKey is the member of the baggage that names a load test.
const RunKey = "test.run_id"

// --8<-- [start:traces]

// Traces sends spans to an OTLP collector over gRPC; with no address it only passes the context on.
func Traces(ctx context.Context, service, collector string) (stop func(context.Context) error, err error) {
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(
		propagation.TraceContext{}, propagation.Baggage{}))
	if collector == "" {
		return func(context.Context) error { return nil }, nil
	}
	exporter, err := otlptracegrpc.New(ctx,
		otlptracegrpc.WithEndpoint(collector), otlptracegrpc.WithInsecure())
	if err != nil {
		return nil, err
	}
	provider := newProvider(service, exporter)
	otel.SetTracerProvider(provider)
	return provider.Shutdown, nil // sends what is still waiting
}

func newProvider(service string, exporter trace.SpanExporter) *trace.TracerProvider {
	return trace.NewTracerProvider(
		trace.WithSpanProcessor(runID{trace.NewBatchSpanProcessor(exporter)}),
		trace.WithResource(resource.NewSchemaless(attribute.String("service.name", service))),
	)
}

// --8<-- [end:traces]

// --8<-- [start:run]

// runID marks each span with the load test that it belongs to. It copies this one member only:
// what else a client puts into the baggage isn't ours to store.
type runID struct{ trace.SpanProcessor }

func (r runID) OnStart(ctx context.Context, span trace.ReadWriteSpan) {
	if run := baggage.FromContext(ctx).Member(RunKey).Value(); run != "" {
		span.SetAttributes(attribute.String(RunKey, run))
	}
	r.SpanProcessor.OnStart(ctx, span)
}

// --8<-- [end:run]
