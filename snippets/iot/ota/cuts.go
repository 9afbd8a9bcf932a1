package ota

import (
	"crypto/ed25519"
	"errors"
	"fmt"
)

// Update is what the server sends.
type Update struct{ Manifest, Signature, Delta []byte }

// Publish makes the update from one image to the next.
func Publish(key ed25519.PrivateKey, model string, version uint64, old, image []byte) (Update, error) {
	delta, err := Diff(old, image)
	if err != nil {
		return Update{}, err
	}
	manifest, signature, err := Sign(key, Manifest{
		Model: model, Version: version,
		Size: uint64(len(image)), SHA256: Digest(image), Base: Digest(old),
	})
	return Update{manifest, signature, delta}, err
}

// Outcome counts what a device was after a power cut.
type Outcome struct{ Cuts, Old, New, Bricked int }

// --8<-- [start:cuts]

// CutEverywhere installs, starts and confirms version 2 on a device with version 1, once for
// every step of the disk and every fate of unflushed data, and counts what starts afterwards.
// The disk that the updater sees is made by wrap.
func CutEverywhere(wrap func(Disk) Disk, key ed25519.PrivateKey, old, image []byte) (Outcome, error) {
	var out Outcome
	const model = "gate-1"
	update, err := Publish(key, model, 2, old, image)
	if err != nil {
		return out, err
	}
	for cut := 1; ; cut++ {
		for _, fate := range []Survival{Lost, Kept, Torn} {
			disk := NewPowerDisk()
			dev := &Device{Disk: disk, Key: key.Public().(ed25519.PublicKey), Model: model}
			if err := dev.Provision(old, 1); err != nil {
				return out, err
			}
			disk.CutAt = disk.Steps + cut
			dev.Disk = wrap(disk)
			err := dev.cycle(update)
			if err == nil {
				return out, nil // one step more than there are
			}
			if !errors.Is(err, ErrPower) {
				return out, fmt.Errorf("cut %d, %s: %w", cut, fate, err)
			}
			disk.Restart(fate)
			out.count(dev)
		}
	}
}

func (d *Device) cycle(u Update) error {
	if err := d.Install(u.Manifest, u.Signature, u.Delta); err != nil {
		return err
	}
	if _, err := d.Boot(); err != nil {
		return err
	}
	return d.Confirm()
}

func (o *Outcome) count(dev *Device) {
	o.Cuts++
	switch image, err := dev.Boot(); {
	case err != nil:
		o.Bricked++
	case image.Version == 1:
		o.Old++
	default:
		o.New++
	}
}

// --8<-- [end:cuts]
