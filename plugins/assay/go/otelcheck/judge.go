package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/service"
)

var sections = []string{"connectors", "exporters", "extensions", "processors", "receivers"}

// judge decodes every component by itself, since the collector stops at the first that it can't read.
// What can't be read is taken out; the rest is validated as a whole.
func judge(text string, known otelcol.Factories) []Fault {
	retrieved, err := confmap.NewRetrievedFromYAML([]byte(text))
	if err != nil {
		return []Fault{at(nil, err.Error())}
	}
	conf, err := retrieved.AsConf()
	if err != nil {
		return []Fault{at(nil, "a configuration is a mapping with receivers, exporters and service")}
	}
	asked := &document{known: known, raw: conf.ToStringMap(), lost: map[string]bool{}}
	asked.left = confmap.NewFromStringMap(asked.raw).ToStringMap()
	for _, section := range sections {
		held, _ := asked.left[section].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(held)) {
			asked.settle(map[string]any{section: map[string]any{name: held[name]}})
			if asked.lost[section+" "+name] {
				delete(held, name)
			}
		}
	}
	if config := asked.settle(asked.left); config != nil {
		asked.unconfigured(config)
		// components that aren't valid can't be built: they may panic
		if len(asked.found) == 0 && asked.validated(confmap.Validate(config)) {
			asked.connected(config)
		}
	}
	slices.SortFunc(asked.found, func(a, b Fault) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return asked.found
}

// document is a configuration as it was written, and what is left of it.
type document struct {
	known     otelcol.Factories
	raw, left map[string]any
	// The components that could not be read: what refers to them is no second fault.
	lost  map[string]bool
	found []Fault
}

// settle decodes a part until nothing is said against what is left of it; nil where that can't be.
func (d *document) settle(part map[string]any) *otelcol.Config {
	for range 20 {
		config, err := read(part, d.known)
		if err == nil {
			return config
		}
		for _, one := range d.unread(err) {
			// only the place where the collector runs can know what a variable holds
			if one.Key || !strings.Contains(fmt.Sprint(value(d.raw, one.Path)), "${") {
				d.found = append(d.found, one)
			}
			if len(one.Path) == 2 && slices.Contains(sections, one.Path[0].(string)) {
				d.lost[fmt.Sprint(one.Path[0], " ", one.Path[1])] = true
			}
			if !remove(part, one.Path) {
				return nil
			}
		}
	}
	return nil
}

// unconfigured takes out each reference to a component that isn't there, and reports it.
func (d *document) unconfigured(config *otelcol.Config) {
	for range 200 {
		err := config.Validate()
		if err == nil {
			return
		}
		match := reference.FindStringSubmatch(err.Error())
		if match == nil {
			if len(d.lost)+len(d.found) == 0 {
				d.validated(err)
			}
			return
		}
		path, section := steps(match[1]), match[2]+"s"
		if section != "extensions" {
			path = append(path, section)
		}
		if list, ok := value(d.raw, path).([]any); ok && !d.lost[section+" "+match[3]] {
			d.found = append(d.found, at(append(path, slices.Index(list, any(match[3]))), fmt.Sprintf(
				"%s %q is not configured; configured are %s", match[2], match[3], d.names(section))))
		}
		drop(config, path, match[3])
	}
}

// names lists what a section configures; a connector is both ends of a pipeline.
func (d *document) names(section string) string {
	held := map[string]bool{}
	for _, one := range []string{section, "connectors"} {
		there, _ := d.raw[one].(map[string]any)
		for name := range there {
			held[fmt.Sprintf("%q", name)] = section != "extensions" && section != "processors" || one == section
		}
	}
	maps.DeleteFunc(held, func(_ string, fits bool) bool { return !fits })
	if len(held) == 0 {
		return "none"
	}
	return strings.Join(slices.Sorted(maps.Keys(held)), ", ")
}

// connected builds the graph of the pipelines.
func (d *document) connected(config *otelcol.Config) {
	known := d.known
	err := service.Validate(context.Background(), service.Settings{
		BuildInfo:        component.NewDefaultBuildInfo(),
		ReceiversConfigs: config.Receivers, ReceiversFactories: known.Receivers,
		ProcessorsConfigs: config.Processors, ProcessorsFactories: known.Processors,
		ExportersConfigs: config.Exporters, ExportersFactories: known.Exporters,
		ConnectorsConfigs: config.Connectors, ConnectorsFactories: known.Connectors,
		TelemetryFactory: known.Telemetry,
	}, service.Config{Pipelines: config.Service.Pipelines})
	if err == nil {
		return
	}
	message := strings.TrimPrefix(err.Error(), "failed to build pipelines: ")
	fault := at([]any{"service", "pipelines"}, message)
	if match := oneEnded.FindStringSubmatch(message); match != nil {
		fault.Path = []any{"connectors", match[1]}
	}
	fault.Key = true
	d.found = append(d.found, fault)
}
