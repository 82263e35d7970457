// Package pipelinetest tests applications without a socket.
//
// [NewCtx] makes a request without any middleware, to call one view or one hook with (Django: RequestFactory); [Of] reads
// what it answered. A [Client] takes requests through a whole application in memory (Django: test.Client): middleware,
// dispatch, error pages, streamed bodies; it keeps cookies and can follow redirects.
//
//	client := pipelinetest.NewClient(t, app)
//	res := client.Get("/hello/you")
//	res.AssertStatus(200).AssertContains("hello you")
//
// A request goes the way it goes in the server: its bytes are parsed, its path is normalised, it begins as on a reactor and
// goes on as on a worker where the application asks for one. It does so on the goroutine of the caller (only Client.Stream
// starts one), so that a test may run in a bubble of testing/synctest and under the race detector.
package pipelinetest
