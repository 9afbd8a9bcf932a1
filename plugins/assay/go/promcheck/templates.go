package main

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/template"
	"go.yaml.in/yaml/v3"
)

// What the server puts before each template of an alert.
const variables = `{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}` +
	`{{$externalURL := .ExternalURL}}{{$value := .Value}}`

// What goes wrong whatever the labels and the value are; other errors may only follow from ours.
var always = regexp.MustCompile(`can't evaluate field|wrong type for value|wrong number of args|can't read the query|not a function`)

var absent = regexp.MustCompile(`^can't evaluate field (\w+) in type struct`)

// expanded fills the templates of an alert in as the server will when it fires.
func expanded(own rulefmt.Rule, node *yaml.Node, path []any) []Fault {
	if own.Alert == "" {
		return nil
	}
	var found []Fault
	for section, texts := range map[string]map[string]string{"labels": own.Labels, "annotations": own.Annotations} {
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			if message := expand(own.Alert, texts[name]); message != "" {
				found = append(found, within(below(path, section, name), value(node, section), message))
			}
		}
	}
	slices.SortFunc(found, func(a, b Fault) int { return strings.Compare(fmt.Sprint(a.Path), fmt.Sprint(b.Path)) })
	return found
}

func expand(alert, text string) string {
	if !strings.Contains(text, "{{") {
		return ""
	}
	data := template.AlertTemplateData(map[string]string{}, map[string]string{}, "", promql.Sample{F: 1})
	ask := func(_ context.Context, query string, _ time.Time) (promql.Vector, error) {
		if faults := parse(query); len(faults) > 0 {
			return nil, fmt.Errorf("can't read the query: %s", faults[0].Message)
		}
		return promql.Vector{promql.Sample{F: 1}}, nil
	}
	made := template.NewTemplateExpander(context.Background(), variables+text, "__alert_"+alert, data,
		model.Now(), ask, &url.URL{}, nil)
	_, err := made.Expand()
	if err == nil || !always.MatchString(err.Error()) {
		return ""
	}
	_, message, _ := strings.Cut(err.Error(), ": executing ")
	_, message, _ = strings.Cut(message, ">: ")
	if match := absent.FindStringSubmatch(message); match != nil {
		message = fmt.Sprintf("there is no field %q; allowed are .ExternalLabels, .ExternalURL, .Labels, .Value", match[1])
	}
	return "the template can't be filled in: " + message
}
