// Command shop prints the price of tea; the price comes from another module.
package main

import (
	"fmt"

	"example.com/assay/price"
)

func main() {
	fmt.Println("tea", price.Cents("tea"))
}
