package ota

import (
	"errors"
	"io/fs"
	"maps"
	"os"
)

// Disk is the part of a file system that an update needs. WriteFile and Rename are visible at
// once, but survive a power cut for certain only after Sync and SyncDir.
type Disk interface {
	ReadFile(name string) ([]byte, error)
	WriteFile(name string, data []byte) error
	Sync(name string) error
	Rename(from, to string) error
	SyncDir() error
}

// Folder is a real folder; names can't leave it.
type Folder struct{ *os.Root }

// WriteFile creates or truncates the file.
func (f Folder) WriteFile(name string, data []byte) error {
	return f.Root.WriteFile(name, data, 0o600)
}

// Sync flushes the file's data.
func (f Folder) Sync(name string) error { return f.sync(name) }

// SyncDir flushes the folder's entries.
func (f Folder) SyncDir() error { return f.sync(".") }

func (f Folder) sync(name string) error {
	file, err := f.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// ErrPower is what every operation returns once the power is gone.
var ErrPower = errors.New("power cut")

// Survival says what happens to unflushed changes in a power cut.
type Survival string

// Lost: none reaches the disk. Kept: all do. Torn: the names do, but only half of the data.
const (
	Lost Survival = "lost"
	Kept Survival = "kept"
	Torn Survival = "torn"
)

// file keeps what programs see and what is on the disk for certain.
type file struct{ seen, safe []byte }

// PowerDisk is a disk in memory whose power fails before the operation number CutAt.
type PowerDisk struct {
	CutAt int // 0: never
	Steps int // operations so far

	seen, safe map[string]*file
}

// NewPowerDisk returns an empty disk.
func NewPowerDisk() *PowerDisk {
	return &PowerDisk{seen: map[string]*file{}, safe: map[string]*file{}}
}

// --8<-- [start:power]

func (p *PowerDisk) step() error {
	p.Steps++
	if p.CutAt > 0 && p.Steps >= p.CutAt {
		return ErrPower
	}
	return nil
}

// Restart brings the power back: unflushed changes meet their fate.
func (p *PowerDisk) Restart(s Survival) {
	if s == Lost {
		p.seen = maps.Clone(p.safe)
	}
	for _, f := range p.seen {
		unflushed := string(f.seen) != string(f.safe)
		switch {
		case s == Lost:
			f.seen = f.safe
		case s == Torn && unflushed:
			f.seen = f.seen[:len(f.seen)/2]
		}
		f.safe = f.seen
	}
	p.safe = maps.Clone(p.seen)
	p.CutAt, p.Steps = 0, 0
}

// --8<-- [end:power]

// ReadFile never fails for want of power: reading changes nothing.
func (p *PowerDisk) ReadFile(name string) ([]byte, error) {
	f, ok := p.seen[name]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return f.seen, nil
}

// WriteFile creates or overwrites the file in place.
func (p *PowerDisk) WriteFile(name string, data []byte) error {
	if err := p.step(); err != nil {
		return err
	}
	if p.seen[name] == nil {
		p.seen[name] = &file{}
	}
	p.seen[name].seen = data
	return nil
}

// Sync makes the file's data safe.
func (p *PowerDisk) Sync(name string) error {
	if err := p.step(); err != nil {
		return err
	}
	if f := p.seen[name]; f != nil {
		f.safe = f.seen
	}
	return nil
}

// Rename moves the name in one step.
func (p *PowerDisk) Rename(from, to string) error {
	if err := p.step(); err != nil {
		return err
	}
	f, ok := p.seen[from]
	if !ok {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	p.seen[to] = f
	delete(p.seen, from)
	return nil
}

// SyncDir makes the names safe.
func (p *PowerDisk) SyncDir() error {
	if err := p.step(); err != nil {
		return err
	}
	p.safe = maps.Clone(p.seen)
	return nil
}

// --8<-- [start:careless]

// Careless ignores every flush, like code that renames but never calls Sync.
type Careless struct{ Disk }

// Sync does nothing.
func (Careless) Sync(string) error { return nil }

// SyncDir does nothing.
func (Careless) SyncDir() error { return nil }

// InPlace writes straight over the file, like code that never heard of renaming.
type InPlace struct{ Disk }

// WriteFile writes to the final name at once.
func (d InPlace) WriteFile(name string, data []byte) error {
	return d.Disk.WriteFile(final(name), data)
}

// Sync flushes the final name.
func (d InPlace) Sync(name string) error { return d.Disk.Sync(final(name)) }

// Rename has nothing left to do.
func (InPlace) Rename(string, string) error { return nil }

// --8<-- [end:careless]

func final(name string) string {
	if n := len(name) - len(".tmp"); n > 0 && name[n:] == ".tmp" {
		return name[:n]
	}
	return name
}
