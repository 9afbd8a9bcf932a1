package usage

import "testing"

func TestRead(t *testing.T) {
	u, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	if u.HeapKiB < 1 || u.Goroutines < 1 || u.RSSPeakKiB < u.HeapKiB {
		t.Errorf("%+v", u)
	}
	if _, err := residentPeak("/dev/null"); err == nil {
		t.Error("an empty file has no VmHWM")
	}
}
