// Command otatool is both sides of the update: the server's publish and the device's install.
package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"example.com/assay/snippets/iot/ota"
)

const model = "gate-1"

var commands = map[string]func(args []string, out io.Writer) error{
	"sizes":     sizes,
	"keygen":    keygen,
	"publish":   publish,
	"provision": provision,
	"install":   install,
	"boot":      boot,
	"confirm":   confirm,
	"powercut":  powercut,
	"load":      load,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: otatool sizes|keygen|publish|provision|install|boot|confirm|powercut|load")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "otatool:", err)
		os.Exit(1)
	}
}

// --8<-- [start:sizes]

// sizes compares the three ways to send the new image.
func sizes(args []string, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: sizes OLD NEW")
	}
	old, image, err := two(args[0], args[1])
	if err != nil {
		return err
	}
	full, err := ota.Compress(image)
	if err != nil {
		return err
	}
	patch, err := ota.PatchFrom(old, image)
	if err != nil {
		return err
	}
	delta, err := ota.Diff(old, image)
	if err != nil {
		return err
	}
	again, err := ota.Apply(old, delta, uint64(len(image)))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "image %d B\nzstd %d B\nzstd patch-from %d B\nadd/insert delta %d B\n",
		len(image), len(full), len(patch), len(delta))
	fmt.Fprintf(out, "full/patch-from %.1f, full/delta %.1f\n",
		float64(len(full))/float64(len(patch)), float64(len(full))/float64(len(delta)))
	fmt.Fprintln(out, "rebuilt image is identical:", string(again) == string(image))
	return nil
}

// --8<-- [end:sizes]

func two(a, b string) ([]byte, []byte, error) {
	first, err := os.ReadFile(a)
	if err != nil {
		return nil, nil, err
	}
	second, err := os.ReadFile(b)
	return first, second, err
}

func keygen(args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: keygen NAME")
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if err := writePEM(args[0]+".key", "PRIVATE KEY", der); err != nil {
		return err
	}
	if der, err = x509.MarshalPKIXPublicKey(public); err != nil {
		return err
	}
	if err := writePEM(args[0]+".pub", "PUBLIC KEY", der); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s.key and %s.pub written\n", args[0], args[0])
	return nil
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

func readPEM(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("%s: no PEM block", path)
	}
	return block.Bytes, nil
}

func publish(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("publish", flag.ContinueOnError)
	key := flags.String("key", "ota.key", "private key")
	version := flags.Uint64("version", 0, "version of the new image")
	to := flags.String("o", "update", "folder to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return errors.New("usage: publish [flags] OLD NEW")
	}
	der, err := readPEM(*key)
	if err != nil {
		return err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return err
	}
	private, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return fmt.Errorf("%s: %T, want an ed25519 key", *key, parsed)
	}
	old, image, err := two(flags.Arg(0), flags.Arg(1))
	if err != nil {
		return err
	}
	update, err := ota.Publish(private, model, *version, old, image)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(*to, 0o700); err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"manifest.json": update.Manifest, "manifest.sig": update.Signature, "delta": update.Delta,
	} {
		if err := os.WriteFile(filepath.Join(*to, name), data, 0o600); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "version %d: delta %d B, signature %d B\n",
		*version, len(update.Delta), len(update.Signature))
	return nil
}
