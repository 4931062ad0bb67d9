package main

import (
	"fmt"

	"example.com/shared"
)

func init() {
	fmt.Println("shops:", shared.Shops)
}
