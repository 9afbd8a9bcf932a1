package ota

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"os"
	"testing"
)

func keys(t *testing.T) (ed25519.PublicKey, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return public, private
}

func TestRefusals(t *testing.T) {
	public, private := keys(t)
	_, stranger := keys(t)
	old, image := images()
	good := func() Manifest {
		return Manifest{"gate-1", 2, uint64(len(image)), Digest(image), Digest(old)}
	}
	delta, err := Diff(old, image)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		key    ed25519.PrivateKey
		change func(*Manifest)
		spoil  func([]byte)
		want   error
	}{
		{"stranger's key", stranger, nil, nil, ErrSignature},
		{"changed after signing", private, nil, func(b []byte) { b[len(b)/2] ^= 1 }, ErrSignature},
		{"downgrade", private, func(m *Manifest) { m.Version = 1 }, nil, ErrDowngrade},
		{"another model", private, func(m *Manifest) { m.Model = "gate-2" }, nil, ErrModel},
		{"another base", private, func(m *Manifest) { m.Base = Digest(image) }, nil, ErrBase},
		{"another image", private, func(m *Manifest) { m.SHA256 = Digest(old) }, nil, ErrCorrupt},
		{"good", private, nil, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			disk := NewPowerDisk()
			dev := &Device{Disk: disk, Key: public, Model: "gate-1"}
			if err := dev.Provision(old, 1); err != nil {
				t.Fatal(err)
			}
			before := disk.Steps
			m := good()
			if tt.change != nil {
				tt.change(&m)
			}
			manifest, signature, err := Sign(tt.key, m)
			if err != nil {
				t.Fatal(err)
			}
			if tt.spoil != nil {
				tt.spoil(manifest)
			}
			if err := dev.Install(manifest, signature, delta); !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if tt.want != nil && disk.Steps != before {
				t.Error("a refused update touched the disk")
			}
		})
	}
}

func TestRollback(t *testing.T) {
	public, private := keys(t)
	old, image := images()
	update, err := Publish(private, "gate-1", 2, old, image)
	if err != nil {
		t.Fatal(err)
	}
	dev := &Device{Disk: NewPowerDisk(), Key: public, Model: "gate-1"}
	if err := dev.Provision(old, 1); err != nil {
		t.Fatal(err)
	}
	if err := dev.Install(update.Manifest, update.Signature, update.Delta); err != nil {
		t.Fatal(err)
	}
	if err := dev.Install(update.Manifest, update.Signature, update.Delta); !errors.Is(err, ErrTrial) {
		t.Fatalf("second install during the trial: %v", err)
	}
	for start, want := range []uint64{2, 2, 2, 1, 1} { // nobody confirms
		got, err := dev.Boot()
		if err != nil || got.Version != want {
			t.Fatalf("start %d: version %d, %v, want %d", start, got.Version, err, want)
		}
	}
	if err := dev.cycle(update); err != nil {
		t.Fatalf("second attempt: %v", err)
	}
	if got, err := dev.Boot(); err != nil || got.Version != 2 || got.Slot != "slot-b" {
		t.Errorf("after confirmation: %+v, %v", got, err)
	}
}

// --8<-- [start:powertest]

func TestPowerCutAtEveryStep(t *testing.T) {
	_, private := keys(t)
	old, image := images()
	for _, tt := range []struct {
		name   string
		wrap   func(Disk) Disk
		bricks bool
	}{
		{"write, flush, rename, flush", func(d Disk) Disk { return d }, false},
		{"no flush", func(d Disk) Disk { return Careless{d} }, true},
		{"in place", func(d Disk) Disk { return InPlace{d} }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := CutEverywhere(tt.wrap, private, old, image)
			if err != nil {
				t.Fatal(err)
			}
			if (out.Bricked > 0) != tt.bricks {
				t.Errorf("%+v, bricks expected: %t", out, tt.bricks)
			}
			if out.Cuts == 0 || out.Old == 0 || out.New == 0 {
				t.Errorf("%+v: the cuts don't reach both sides of the update", out)
			}
		})
	}
}

// --8<-- [end:powertest]

// TestFolder runs the whole cycle on a real file system.
func TestFolder(t *testing.T) {
	public, private := keys(t)
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	old, image := images()
	dev := &Device{Disk: Folder{root}, Key: public, Model: "gate-1"}
	if err := dev.Provision(old, 1); err != nil {
		t.Fatal(err)
	}
	update, err := Publish(private, "gate-1", 2, old, image)
	if err != nil {
		t.Fatal(err)
	}
	if err := dev.cycle(update); err != nil {
		t.Fatal(err)
	}
	if got, err := dev.Boot(); err != nil || got.Version != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestUpdateAfterCut repeats the update after every cut: nothing left over may stop it.
func TestUpdateAfterCut(t *testing.T) {
	public, private := keys(t)
	old, image := images()
	update, err := Publish(private, "gate-1", 2, old, image)
	if err != nil {
		t.Fatal(err)
	}
	for cut := 1; ; cut++ {
		disk := NewPowerDisk()
		dev := &Device{Disk: disk, Key: public, Model: "gate-1"}
		if err := dev.Provision(old, 1); err != nil {
			t.Fatal(err)
		}
		disk.CutAt = disk.Steps + cut
		if err := dev.cycle(update); err == nil {
			return
		}
		disk.Restart(Torn)
		got, err := dev.Boot()
		if err != nil {
			t.Fatalf("cut %d: %v", cut, err)
		}
		if got.Version == 1 {
			err = dev.cycle(update)
		} else {
			err = dev.Confirm()
		}
		if err != nil {
			t.Fatalf("cut %d: second attempt: %v", cut, err)
		}
		if s, err := dev.State(); err != nil || s.Active.Version != 2 || s.Trial != nil {
			t.Fatalf("cut %d: %+v, %v", cut, s, err)
		}
	}
}
