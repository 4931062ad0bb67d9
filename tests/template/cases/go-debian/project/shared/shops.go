// Package shared is another module of the workspace.
package shared

// Shops is what the functions know.
const Shops = 2
