package main

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

var (
	inLine = regexp.MustCompile(`(?s)^text format parsing error in line (\d+): (.*)$`)
	twice  = regexp.MustCompile(`(?s)collected metric "([^"]+)" \{.*?\} (.*)$`)
)

// metrics judges metrics in the text format: the parser first; it stops at its first fault, so the line
// is taken out and the rest read again. What can be read goes to the linter that promtool uses.
func metrics(text string) []Fault {
	rows := strings.SplitAfter(strings.TrimRight(text, "\n")+"\n", "\n")
	var found []Fault
	for range rows {
		parser := expfmt.NewTextParser(model.UTF8Validation)
		_, err := parser.TextToMetricFamilies(strings.NewReader(strings.Join(rows, "")))
		if err == nil {
			break
		}
		match := inLine.FindStringSubmatch(err.Error())
		if match == nil {
			return append(found, Fault{Line: 1, Message: err.Error()})
		}
		line, _ := strconv.Atoi(match[1])
		line = max(1, min(line, len(rows)))
		found = append(found, Fault{Line: line, Message: match[2]})
		if strings.TrimSpace(rows[line-1]) == "" {
			break
		}
		rows[line-1] = "\n"
	}
	if len(found) > 0 {
		return found // what is said about the rest may follow from what was taken out
	}
	problems, err := promlint.New(bytes.NewReader([]byte(text))).Lint()
	if err != nil {
		return append(found, Fault{Line: 1, Message: err.Error()})
	}
	for _, one := range problems {
		line := first(rows, one.Metric)
		if one.Text == "metric not unique" {
			line = max(again(rows, one.Metric), line)
		}
		found = append(found, Fault{Line: line, Message: one.Metric + ": " + one.Text})
	}
	return found
}

// again is the line of a sample whose series was there before, or 0.
func again(rows []string, name string) int {
	seen := map[string]bool{}
	for n, row := range rows {
		series := strings.Fields(row)
		if end := strings.LastIndex(row, "}"); end >= 0 {
			series = []string{row[:end+1]}
		}
		if len(series) == 0 || !strings.HasPrefix(row, name) {
			continue
		}
		if seen[series[0]] {
			return n + 1
		}
		seen[series[0]] = true
	}
	return 0
}

// first is the line that declares a metric, or its first sample.
func first(rows []string, name string) int {
	names := regexp.MustCompile(`^(?:# (?:TYPE|HELP) )?` + regexp.QuoteMeta(name) + `(?:_bucket|_sum|_count)?[ {\t]`)
	for n, row := range rows {
		if names.MatchString(row) {
			return n + 1
		}
	}
	return 1
}
