// migrate is a program beside the function.
package main

import (
	"fmt"

	"example.com/shared"
)

func main() {
	fmt.Println("migrated", shared.Shops)
}
