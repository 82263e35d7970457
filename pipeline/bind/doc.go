// Package bind fills structs from requests.
package bind
