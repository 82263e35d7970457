// Package builtin replays cases of what Django's built-in middleware answers against package middleware.
//
// A case is a line of builtin_mw.jsonl: settings, a request, what the view returns, and what Django 5.2.18 made of it. Its
// request becomes the bytes of a head, which loop/http1 parses; its settings an application with that middleware, which
// [pipeline.Chain.Run] walks. Nothing is modelled, so what agrees here agrees in the server.
//
// The cases were made through Django's RequestFactory, which takes "//evil" as a host and asks for "/"; here, too. The view
// of a case answers in place of every route and of the 404 page, since Django's middleware was called around it without a
// resolver.
package builtin
