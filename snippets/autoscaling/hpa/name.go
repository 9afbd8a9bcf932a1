package hpa

import (
	"errors"
	"fmt"
	"strings"
)

// ErrCounter says that a metric only ever grows.
var ErrCounter = errors.New("a counter only grows: expose a rate instead")

// --8<-- [start:name]

// CheckName refuses a Pods metric whose name has a suffix of a Prometheus counter.
func CheckName(metric string) error {
	for _, suffix := range []string{"_total", "_count", "_sum", "_bucket"} {
		if strings.HasSuffix(metric, suffix) {
			return fmt.Errorf("%s: %w", metric, ErrCounter)
		}
	}
	return nil
}

// --8<-- [end:name]
