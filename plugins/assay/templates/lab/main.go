// Counts how often each of its arguments occurs.
package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
)

// --8<-- [start:count]
func count(words []string) map[string]int {
	found := make(map[string]int)
	for _, word := range words {
		found[word]++
	}
	return found
}

// --8<-- [end:count]

func main() {
	found := count(os.Args[1:])
	for _, word := range slices.Sorted(maps.Keys(found)) {
		fmt.Println(word, found[word])
	}
	fmt.Println(len(found), "words")
}
