package main

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// servers are images that bring the program that they are for; a page may only configure it.
var servers = map[string]bool{
	"caddy": true, "grafana/grafana": true, "haproxy": true, "httpd": true, "mariadb": true,
	"memcached": true, "mongo": true, "mysql": true, "nginx": true,
	"nginxinc/nginx-unprivileged": true, "postgres": true, "prom/prometheus": true,
	"rabbitmq": true, "redis": true, "traefik": true, "valkey/valkey": true,
}

// images answers for every registry with what an image's name says of it: nothing is pulled.
type images struct{}

func (images) ResolveImageConfig(
	_ context.Context, ref string, opt sourceresolver.Opt,
) (string, digest.Digest, []byte, error) {
	image := ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}}
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		image.Platform = *opt.ImageOpt.Platform
	}
	image.Config.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	name, _, _ := strings.Cut(ref, "@")
	_, tag, _ := strings.Cut(name[strings.LastIndex(name, "/")+1:], ":")
	if strings.Contains(tag, "nonroot") || strings.Contains(name, "unprivileged") {
		image.Config.User = "nonroot"
	}
	short := strings.TrimPrefix(strings.TrimPrefix(name, "docker.io/"), "library/")
	if servers[strings.TrimSuffix(short, ":"+tag)] {
		image.Config.Cmd = []string{"server"}
	}
	config, err := json.Marshal(image)
	return ref, "", config, err
}
