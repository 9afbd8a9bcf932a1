package leakcheck

import "testing"

func count(t *testing.T) int {
	t.Helper()
	n, ok, err := Count()
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		t.Skip("this Go version has no goroutineleak profile")
	}
	return n
}

func TestCountSeesALeak(t *testing.T) {
	before := count(t)
	started := make(chan struct{})
	func() {
		unread := make(chan int)
		go func() {
			close(started)
			unread <- 1
		}()
	}()
	<-started
	for range 100 {
		if count(t) == before+1 {
			return
		}
	}
	t.Fatalf("got %d leaks, want %d", count(t), before+1)
}
