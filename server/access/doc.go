// Package access admits clients by their addresses, and combines several ways to be admitted: NGINX's allow, deny and
// satisfy.
//
//	rules, err := access.New([]access.Rule{{Allow: true, From: "10.0.0.0/8"}, {From: "all"}}, access.Options{})
//	phase, err := access.NewPhase(access.PhaseConfig{Any: true, Checks: []access.Check{rules, auth}})
//	app.Use(phase) // satisfy any; satisfy all may as well be two hooks: app.Use(rules, auth)
//
// # Terms
//
// A check is one module of NGINX's access phase: these rules, auth_basic, auth_request. It allows a request, refuses it with
// an error, or has no opinion. With "satisfy all" a request passes unless a check refuses it; with "satisfy any" the first
// check that allows it ends the search, and the refusals of the others are forgotten.
//
// # Rules
//
// They are tried in order and the first that matches decides. Those of IPv4 concern IPv4 clients, those of IPv6 the others;
// "all" stands for every client. A client that no rule concerns passes. A client of IPv4 in IPv6 (::ffff:1.2.3.4) counts as
// IPv4 where there is a rule for IPv4. The client is that of Ctx.Client, so rules behind server/realip see who it found.
// Subrequests are not checked. Rules are inherited as a whole: whoever merges configurations passes either the outer or the
// inner list.
package access
