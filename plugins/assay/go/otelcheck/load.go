package main

import (
	"context"
	"strings"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/otelcol"
)

// source gives the collector a configuration from memory, and a stand-in for what only the place
// where it runs can know: an environment variable, a file.
type source struct {
	scheme string
	value  any
}

func (s *source) Retrieve(_ context.Context, uri string, _ confmap.WatcherFunc) (*confmap.Retrieved, error) {
	if s.scheme == "text" {
		return confmap.NewRetrieved(s.value)
	}
	if _, fallback, found := strings.Cut(uri, ":-"); found {
		return confmap.NewRetrievedFromYAML([]byte(fallback))
	}
	return confmap.NewRetrieved("unknown")
}

func (s *source) Scheme() string                 { return s.scheme }
func (s *source) Shutdown(context.Context) error { return nil }

// read decodes a configuration; nothing is validated yet.
func read(raw map[string]any, known otelcol.Factories) (*otelcol.Config, error) {
	var providers []confmap.ProviderFactory
	for _, one := range []*source{{"text", raw}, {"env", nil}, {"file", nil}} {
		providers = append(providers, confmap.NewProviderFactory(
			func(confmap.ProviderSettings) confmap.Provider { return one },
		))
	}
	made, err := otelcol.NewConfigProvider(otelcol.ConfigProviderSettings{
		ResolverSettings: confmap.ResolverSettings{
			URIs: []string{"text:"}, ProviderFactories: providers, DefaultScheme: "env",
		},
	})
	if err != nil {
		return nil, err
	}
	defer made.Shutdown(context.Background())
	return made.Get(context.Background(), known)
}
