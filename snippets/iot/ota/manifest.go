package ota

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// What an update can be refused for.
var (
	ErrSignature = errors.New("manifest: wrong signature")
	ErrModel     = errors.New("manifest: made for another model")
	ErrDowngrade = errors.New("manifest: not newer than what is installed")
	ErrBase      = errors.New("manifest: made from another image")
)

// Manifest describes an update; it is what gets signed.
type Manifest struct {
	Model   string `json:"model"`
	Version uint64 `json:"version"`
	Size    uint64 `json:"size"`
	SHA256  string `json:"sha256"` // of the new image
	Base    string `json:"base"`   // SHA-256 of the image that the delta starts from
}

// --8<-- [start:sign]

// signing keeps these signatures apart from any other use of the same key (Ed25519ctx).
var signing = &ed25519.Options{Context: "example.com/ota manifest 1"}

// Sign returns the manifest's bytes and their signature.
func Sign(key ed25519.PrivateKey, m Manifest) (manifest, signature []byte, err error) {
	if manifest, err = json.Marshal(m); err != nil {
		return nil, nil, err
	}
	signature, err = key.Sign(nil, manifest, signing)
	return manifest, signature, err
}

// Open checks the signature of the very bytes that it then parses, in this order.
func Open(key ed25519.PublicKey, manifest, signature []byte) (Manifest, error) {
	var m Manifest
	if err := ed25519.VerifyWithOptions(key, manifest, signature, signing); err != nil {
		return m, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	dec := json.NewDecoder(bytes.NewReader(manifest))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return m, fmt.Errorf("manifest: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return m, errors.New("manifest: more than one value")
	}
	return m, nil
}

// --8<-- [end:sign]

// Digest is the hexadecimal SHA-256 of an image.
func Digest(image []byte) string {
	sum := sha256.Sum256(image)
	return hex.EncodeToString(sum[:])
}
