package router_test

import (
	"fmt"

	"github.com/wheelpit/wheelpit/router"
)

func Example() {
	table, warnings, err := router.Compile([]router.Entry{
		router.Path("articles/<int:year>/", router.Endpoint{Route: 0, Name: "year", Methods: router.GET}),
		router.Path("articles/2003/", router.Endpoint{Route: 1}),
		router.Include("polls/", router.Scope{App: "polls"},
			router.Path("<int:pk>/", router.Endpoint{Route: 2, Name: "detail"}),
		),
		router.Mux("GET /files/{rest...}", router.Endpoint{Route: 3}),
	}, router.Config{})
	fmt.Println(warnings, err)

	var m router.Match
	fmt.Println(table.Find(router.GET, "/articles/2024/", &m) == router.Found, m.Route)
	fmt.Println(m.Int("year"))
	fmt.Println(table.Find(router.POST, "/articles/2024/", &m) == router.MethodNotAllowed, m.Allow)
	fmt.Println(table.Reverse("polls:detail", 7))
	// Output:
	// [] <nil>
	// true 0
	// 2024 true
	// true GET, HEAD, OPTIONS
	// /polls/7/ <nil>
}
