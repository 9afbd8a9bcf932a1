package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"time"
)

const (
	cpuRequest = 250 // millicores, as in the Deployment
	metricsV1  = "metrics.k8s.io/v1beta1"
	customV1   = "custom.metrics.k8s.io/v1beta2"
)

// serve answers, and looks after the pods, until the context ends.
func serve(ctx context.Context, c *cluster, metrics, admin string) error {
	certificate, err := selfSigned()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /load", c.set)
	servers := []*http.Server{
		{Addr: metrics, Handler: c.metrics(), ReadHeaderTimeout: 5 * time.Second,
			TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}}},
		{Addr: admin, Handler: mux, ReadHeaderTimeout: 5 * time.Second},
	}
	failed := make(chan error, len(servers))
	for _, s := range servers {
		go func() {
			run := s.ListenAndServe
			if s.TLSConfig != nil {
				run = func() error { return s.ListenAndServeTLS("", "") }
			}
			failed <- run()
		}()
		defer s.Close()
	}
	for {
		if err := c.refresh(ctx); err != nil && ctx.Err() == nil {
			fmt.Println(err)
		}
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
			return nil
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// --8<-- [start:metrics]

// metrics answers as metrics-server and an adapter for custom metrics do.
func (c *cluster) metrics() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /apis/"+metricsV1, resources(metricsV1, "pods", "PodMetrics"))
	mux.HandleFunc("GET /apis/"+customV1, resources(customV1,
		"pods/http_requests_per_second", "MetricValueList", "pods/http_requests_total", "MetricValueList"))
	mux.HandleFunc("GET /apis/"+metricsV1+"/namespaces/default/pods", func(w http.ResponseWriter, r *http.Request) {
		reply(w, "PodMetricsList", metricsV1, c.items(func(pod string, share load, _ float64) object {
			usage := object{"cpu": milli(cpuRequest / 1000.0 * share.CPU / 100), "memory": "16Mi"}
			return object{
				"metadata":   object{"name": pod, "namespace": "default"},
				"window":     "1s",
				"containers": []object{{"name": c.app, "usage": usage}},
			}
		}))
	})
	mux.HandleFunc("GET /apis/"+customV1+"/namespaces/default/pods/{pod}/{metric}", func(w http.ResponseWriter, r *http.Request) {
		metric := r.PathValue("metric")
		reply(w, "MetricValueList", customV1, c.items(func(pod string, share load, total float64) object {
			value := share.RPS
			if metric == "http_requests_total" {
				value = total
			}
			return object{
				"describedObject": object{"kind": "Pod", "apiVersion": "v1", "namespace": "default", "name": pod},
				"metric":          object{"name": metric},
				"value":           milli(value),
			}
		}))
	})
	return mux
}

// --8<-- [end:metrics]

// items asks for one item per ready pod, with its share of the load.
func (c *cluster) items(item func(pod string, share load, total float64) object) []object {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, n := time.Now(), float64(len(c.pods))
	c.count(now)
	items := []object{}
	for _, pod := range c.pods {
		it := item(pod, load{c.load.RPS / n, c.load.CPU / n}, c.total[pod])
		it["timestamp"] = now.UTC().Format(time.RFC3339)
		items = append(items, it)
	}
	return items
}

// resources is the answer to discovery, without which the API server offers nothing.
func resources(version string, namesAndKinds ...string) http.HandlerFunc {
	list := []object{}
	for i := 0; i < len(namesAndKinds); i += 2 {
		list = append(list, object{
			"name": namesAndKinds[i], "kind": namesAndKinds[i+1],
			"singularName": "", "namespaced": true, "verbs": []string{"get", "list"},
		})
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		send(w, object{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": list})
	}
}

func reply(w http.ResponseWriter, kind, version string, items []object) {
	send(w, object{"kind": kind, "apiVersion": version, "metadata": object{}, "items": items})
}

func send(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		fmt.Println(err)
	}
}

// milli writes a quantity in thousandths.
func milli(v float64) string { return fmt.Sprintf("%.0fm", v*1000) }

// selfSigned makes a certificate that lives as long as the program: the page's APIService
// doesn't verify it.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		DNSNames:     []string{"localhost"},
		NotAfter:     time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
