package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"example.com/assay/snippets/iot/ota"
)

// onDevice opens the device's folder, and its key where one is given.
func onDevice(dir, key string, use func(*ota.Device) error) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	dev := &ota.Device{Disk: ota.Folder{Root: root}, Model: model}
	if key != "" {
		der, err := readPEM(key)
		if err != nil {
			return errors.Join(err, root.Close())
		}
		parsed, err := x509.ParsePKIXPublicKey(der)
		if err != nil {
			return errors.Join(err, root.Close())
		}
		public, ok := parsed.(ed25519.PublicKey)
		if !ok {
			return errors.Join(fmt.Errorf("%s: %T, want an ed25519 key", key, parsed), root.Close())
		}
		dev.Key = public
	}
	return errors.Join(use(dev), root.Close())
}

func provision(args []string, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: provision FOLDER IMAGE")
	}
	image, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	if err := os.MkdirAll(args[0], 0o700); err != nil {
		return err
	}
	return onDevice(args[0], "", func(dev *ota.Device) error {
		if err := dev.Provision(image, 1); err != nil {
			return err
		}
		fmt.Fprintln(out, "version 1 in slot-a")
		return nil
	})
}

func install(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("install", flag.ContinueOnError)
	key := flags.String("key", "ota.pub", "public key")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return errors.New("usage: install [flags] FOLDER UPDATE")
	}
	var parts [3][]byte
	for i, name := range []string{"manifest.json", "manifest.sig", "delta"} {
		data, err := os.ReadFile(filepath.Join(flags.Arg(1), name))
		if err != nil {
			return err
		}
		parts[i] = data
	}
	return onDevice(flags.Arg(0), *key, func(dev *ota.Device) error {
		if err := dev.Install(parts[0], parts[1], parts[2]); err != nil {
			return err
		}
		s, err := dev.State()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "version %d in %s, on trial\n", s.Trial.Version, s.Trial.Slot)
		return nil
	})
}

func boot(args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: boot FOLDER")
	}
	return onDevice(args[0], "", func(dev *ota.Device) error {
		image, err := dev.Boot()
		if err != nil {
			return err
		}
		s, err := dev.State()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "start %s, version %d, trial %t\n", image.Slot, image.Version, s.Trial != nil)
		return nil
	})
}

func confirm(args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: confirm FOLDER")
	}
	return onDevice(args[0], "", func(dev *ota.Device) error {
		if err := dev.Confirm(); err != nil {
			return err
		}
		s, err := dev.State()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "version %d confirmed\n", s.Active.Version)
		return nil
	})
}

// --8<-- [start:powercut]

// powercut tries three ways to write an update.
func powercut(args []string, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: powercut OLD NEW")
	}
	old, image, err := two(args[0], args[1])
	if err != nil {
		return err
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	for _, way := range []struct {
		name string
		wrap func(ota.Disk) ota.Disk
	}{
		{"overwrite in place", func(d ota.Disk) ota.Disk { return ota.InPlace{Disk: d} }},
		{"rename, no flush", func(d ota.Disk) ota.Disk { return ota.Careless{Disk: d} }},
		{"flush, rename, flush", func(d ota.Disk) ota.Disk { return d }},
	} {
		o, err := ota.CutEverywhere(way.wrap, private, old, image)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %d cuts, starts old %d, starts new %d, bricked %d\n",
			way.name, o.Cuts, o.Old, o.New, o.Bricked)
	}
	return nil
}

// --8<-- [end:powercut]

// --8<-- [start:load]

// load sends n requests over c connections, each with its own deadline.
func load(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	c := flags.Int("c", 50, "connections")
	n := flags.Int64("n", 5000, "requests")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 || *c < 1 {
		return errors.New("usage: load [-c CONNECTIONS] [-n REQUESTS] URL")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client := &http.Client{
		Timeout:   2 * time.Second,
		Transport: &http.Transport{MaxConnsPerHost: *c, MaxIdleConnsPerHost: *c},
	}
	var left, accepted, failed atomic.Int64
	left.Store(*n)
	var wg sync.WaitGroup
	for range *c {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := post(ctx, client, flags.Arg(0)); err != nil {
					failed.Add(1)
				} else {
					accepted.Add(1)
				}
			}
		})
	}
	wg.Wait()
	fmt.Fprintf(out, "accepted %d, failed %d\n", accepted.Load(), failed.Load())
	return nil
}

// --8<-- [end:load]

func post(ctx context.Context, client *http.Client, url string) error {
	body := bytes.NewReader([]byte(`{"device":"gate-1","temperature":21.5}`))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return err
	}
	if res.StatusCode != http.StatusAccepted {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return nil
}
