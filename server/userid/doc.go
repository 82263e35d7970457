// Package userid gives clients a cookie to tell them apart: NGINX's userid module.
//
//	u, err := userid.New(userid.Config{Mode: userid.On, Expires: userid.MaxExpires})
//	app.Use(u)
//
// The cookie is the base64 form of 16 bytes, four numbers of 32 bits: the address of the server or the service number, the
// time, a number of the process, and a sequence. A client whose request has a cookie of at least 22 characters keeps it.
//
// # Variables
//
// $uid_got is the cookie that came, $uid_set the one that is given with this response, both as "name=" and 32 hexadecimal
// digits; each number is written as a machine with the lowest byte first reads it, as NGINX does on every common one.
// $uid_reset, a value of the configuration, has a new cookie given even to who has one, unless it is empty or "0"; "log"
// tells the log of it.
//
// # Limits
//
// Sequences of several worker processes differ by the number of the process, as in NGINX, which derives it from the time the
// process began and its id. The cookie is no secret and no proof of anything: it can be guessed.
package userid
