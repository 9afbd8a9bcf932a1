// Command quiet blocks for ever; whether the runtime notices depends on who else is alive.
package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	ticker := flag.Bool("ticker", false, "keep a time.Ticker alive")
	listen := flag.Bool("listen", false, "keep a listener alive, as every server does")
	flag.Parse()

	if *ticker {
		t := time.NewTicker(10 * time.Millisecond)
		defer t.Stop()
	}
	if *listen {
		ln, err := net.Listen("tcp", "localhost:0")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		defer ln.Close()
		go func() {
			if c, err := ln.Accept(); err == nil {
				c.Close()
			}
		}()
	}

	orders := make(chan int)
	orders <- 1 // nobody receives
}
