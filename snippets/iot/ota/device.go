package ota

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
)

// maxTries is how often a new image may be started before it must have been confirmed.
const maxTries = 3

// ErrTrial says that an unconfirmed image is still on trial.
var ErrTrial = errors.New("a trial is under way: confirm it or let it roll back")

// Image is an installed image.
type Image struct {
	Slot    string `json:"slot"`
	Version uint64 `json:"version"`
	SHA256  string `json:"sha256"`
}

// State is the one file that decides what starts; it is replaced as a whole.
type State struct {
	Active Image  `json:"active"`
	Trial  *Image `json:"trial,omitempty"`
	Tries  int    `json:"tries,omitempty"` // starts that the trial has left
}

// Device updates itself from signed manifests.
type Device struct {
	Disk  Disk
	Key   ed25519.PublicKey
	Model string
}

// Provision writes the first image, at the factory.
func (d *Device) Provision(image []byte, version uint64) error {
	if err := replace(d.Disk, "slot-a", image); err != nil {
		return err
	}
	return d.save(State{Active: Image{"slot-a", version, Digest(image)}})
}

// State reads what is installed.
func (d *Device) State() (State, error) {
	var s State
	data, err := d.Disk.ReadFile("state.json")
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("state.json: %w", err)
	}
	return s, nil
}

func (d *Device) save(s State) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return replace(d.Disk, "state.json", data)
}

// --8<-- [start:replace]

// replace changes a file so that a power cut leaves the old or the new one, never a mixture:
// write beside it, flush the data, rename, flush the directory.
func replace(disk Disk, name string, data []byte) error {
	tmp := name + ".tmp"
	if err := disk.WriteFile(tmp, data); err != nil {
		return err
	}
	if err := disk.Sync(tmp); err != nil {
		return err
	}
	if err := disk.Rename(tmp, name); err != nil {
		return err
	}
	return disk.SyncDir()
}

// --8<-- [end:replace]

// --8<-- [start:install]

// Install puts a signed update into the slot that isn't running and arms its trial.
func (d *Device) Install(manifest, signature, delta []byte) error {
	m, err := Open(d.Key, manifest, signature)
	if err != nil {
		return err
	}
	s, err := d.State()
	if err != nil {
		return err
	}
	switch {
	case m.Model != d.Model:
		return fmt.Errorf("%w: %q, this is %q", ErrModel, m.Model, d.Model)
	case m.Version <= s.Active.Version:
		return fmt.Errorf("%w: %d, installed %d", ErrDowngrade, m.Version, s.Active.Version)
	case m.Base != s.Active.SHA256:
		return ErrBase
	case s.Trial != nil:
		return ErrTrial
	}
	old, err := d.read(s.Active)
	if err != nil {
		return err
	}
	image, err := Apply(old, delta, m.Size)
	if err != nil {
		return err
	}
	if Digest(image) != m.SHA256 {
		return fmt.Errorf("%w: the result isn't the signed image", ErrCorrupt)
	}
	slot := "slot-b"
	if s.Active.Slot == slot {
		slot = "slot-a"
	}
	if err := replace(d.Disk, slot, image); err != nil {
		return err
	}
	s.Trial, s.Tries = &Image{slot, m.Version, m.SHA256}, maxTries
	return d.save(s)
}

// --8<-- [end:install]

// read returns an image that is complete.
func (d *Device) read(i Image) ([]byte, error) {
	data, err := d.Disk.ReadFile(i.Slot)
	if err != nil {
		return nil, err
	}
	if Digest(data) != i.SHA256 {
		return nil, fmt.Errorf("%w: %s", ErrCorrupt, i.Slot)
	}
	return data, nil
}

// --8<-- [start:boot]

// Boot chooses the image to start. A trial pays for the start before it happens, so that an
// image that kills the device runs out of tries.
func (d *Device) Boot() (Image, error) {
	s, err := d.State()
	if err != nil {
		return Image{}, err
	}
	if s.Trial != nil {
		if _, err := d.read(*s.Trial); err == nil && s.Tries > 0 {
			s.Tries--
			return *s.Trial, d.save(s)
		}
		s.Trial, s.Tries = nil, 0
		if err := d.save(s); err != nil {
			return Image{}, err
		}
	}
	_, err = d.read(s.Active)
	return s.Active, err
}

// Confirm ends the trial: called by the new image after its own health check.
func (d *Device) Confirm() error {
	s, err := d.State()
	if err != nil || s.Trial == nil {
		return err
	}
	return d.save(State{Active: *s.Trial})
}

// --8<-- [end:boot]
