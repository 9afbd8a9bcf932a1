// Command app prints a point; it imports a package, as every real program does.
package main

import (
	"fmt"

	"example.com/assay/snippets/escape"
)

func main() {
	fmt.Println(escape.Make(3, 4))
}
