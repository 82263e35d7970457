// Package authbasic asks for a user name and a password: NGINX's auth_basic and auth_basic_user_file (RFC 7617).
//
//	auth, err := authbasic.New(authbasic.Config{Realm: pipeline.Literal("closed site"), UserFile: pipeline.Literal("/etc/nginx/htpasswd")})
//	app.Use(auth)
//
// It is a pipeline.RequestHook, and a check of the access phase for access.Phase. It runs on a worker, because a good hash of a
// password is slow on purpose. Passwords travel readable: use it over TLS.
//
// # The file
//
// A line is "name:hash", perhaps with ":comment" behind it; lines that begin with "#" do not count, and of several lines
// with one name the first does. Hashes are "{PLAIN}password", "{SHA}" and "{SSHA}" (base64 of SHA-1), "$apr1$" (Apache's
// MD5), "$2a$", "$2b$" and "$2y$" (bcrypt), and those of crypt(3): "$1$" (MD5), "$5$" and "$6$" (SHA-256 and SHA-512), or
// thirteen characters without "$" (DES, of which eight characters of the password count). A hash of any other kind (yescrypt
// among them) has no password: the answer is 401, as by NGINX with libxcrypt, and the log tells why.
//
// The file is kept in memory and read again when its time, size or inode has changed, so a change counts for the next
// request. A file that changed within the last two seconds is always read, because its time cannot tell.
//
// # What a guesser learns
//
// Comparisons take the same time whatever differs. For a name that the file does not have, the hash of the first line is
// computed in vain, so that names cannot be told by the time. A password that was right is remembered for a minute when its
// hash is slow: as a keyed digest, under a key that is made when the process starts and together with the hash of the file,
// so that a new hash counts at once. What was wrong is never remembered. A browser sends the same password with every
// request; without this each would cost some 50 ms of CPU time.
//
// # Limits
//
// The file may have 64 MiB (NGINX: no limit); 64 files are kept for a name with variables, 1024 passwords are remembered.
package authbasic
