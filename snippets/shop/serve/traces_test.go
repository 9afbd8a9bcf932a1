package serve

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// A span says which service it comes from and, where the baggage names one, which load test.
func TestSpansNameServiceAndRun(t *testing.T) {
	for header, want := range map[string]string{
		"": "", "test.run_id=7": "7", "password=secret,test.run_id=8": "8",
	} {
		exporter := tracetest.NewInMemoryExporter()
		provider := newProvider("order", exporter)
		ctx := propagation.Baggage{}.Extract(t.Context(), propagation.MapCarrier{"baggage": header})
		_, span := provider.Tracer("test").Start(ctx, "work")
		span.End()
		if err := provider.ForceFlush(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := exporter.GetSpans()[0]
		attributes := attribute.NewSet(got.Attributes...)
		run, _ := attributes.Value(RunKey)
		if run.AsString() != want || attributes.HasValue("password") {
			t.Errorf("%q: attributes %v, want run %q and nothing else", header, got.Attributes, want)
		}
		if name, _ := got.Resource.Set().Value("service.name"); name.AsString() != "order" {
			t.Errorf("service.name is %q", name.AsString())
		}
	}
}
