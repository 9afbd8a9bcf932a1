// Package price is a module of its own, as a shared library would be.
package price

// Cents returns the price of an item.
func Cents(item string) int {
	return len(item) + 347
}
