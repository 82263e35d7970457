package authbasic

import (
	"crypto/sha1"
	"encoding/base64"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// Hashes that openssl passwd and Perl's crypt have made.
func TestKnownHashes(t *testing.T) {
	for _, c := range []struct{ password, hash string }{
		{"Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
		{"Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"},
		{"Hello world!", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"},
		{"Hello world!", "{PLAIN}Hello world!"},
		{"password", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="},
		{"", "{PLAIN}"},
	} {
		if ok, err := matches(c.hash, []byte(c.password)); !ok || err != nil {
			t.Errorf("%s: %v, %v", c.hash, ok, err)
		}
		if ok, err := matches(c.hash, []byte(c.password+"x")); ok || err != nil {
			t.Errorf("%s and another password: %v, %v", c.hash, ok, err)
		}
	}
}

// Fresh hashes of the programs that write user files.
func TestHashesOfOtherPrograms(t *testing.T) {
	passwords := []string{"", "a", "secret", "ünïcode", strings.Repeat("long", 20), "12345678", "123456789", strings.Repeat("x", 63), strings.Repeat("y", 64), strings.Repeat("z", 65)}
	commands := map[string][]string{
		"openssl -1": {"openssl", "passwd", "-1", "-salt", "abcdefgh"}, "openssl -apr1": {"openssl", "passwd", "-apr1", "-salt", "ab"},
		"openssl -5": {"openssl", "passwd", "-5", "-salt", "saltstring"}, "openssl -6": {"openssl", "passwd", "-6", "-salt", "0123456789abcdef"},
		"perl des": {"perl", "-e", "print crypt($ARGV[0], 'z/')"}, "perl des 2": {"perl", "-e", "print crypt($ARGV[0], 'A9')"},
		"perl rounds": {"perl", "-e", "print crypt($ARGV[0], '$5$rounds=1234$x$')"}, "perl few rounds": {"perl", "-e", "print crypt($ARGV[0], '$6$rounds=1001$longersixteenchars$')"},
		"htpasswd": {"htpasswd", "-nbB", "-C", "4", "u"}, "htpasswd -s": {"htpasswd", "-nbs", "u"}, "htpasswd -m": {"htpasswd", "-nbm", "u"},
	}
	for name, command := range commands {
		if _, err := exec.LookPath(command[0]); err != nil {
			t.Logf("%s is missing", command[0])
			continue
		}
		for _, p := range passwords {
			if p == "" && strings.HasPrefix(name, "openssl") {
				continue // it would ask for one
			}
			out, err := exec.Command(command[0], append(command[1:len(command):len(command)], p)...).Output()
			hash := strings.TrimPrefix(strings.TrimSpace(string(out)), "u:")
			if err != nil || hash == "" || strings.HasPrefix(hash, "*") {
				t.Logf("%s makes no hash of %q: %v", name, p, err)
				continue
			}
			if ok, err := matches(hash, []byte(p)); !ok || err != nil {
				t.Errorf("%s: %q has not %s: %v", name, p, hash, err)
			}
			if ok, _ := matches(hash, []byte("!"+p)); ok {
				t.Errorf("%s: %q has %s too", name, "!"+p, hash)
			}
		}
	}
}

func TestSaltedSHA(t *testing.T) {
	sum := sha1.Sum([]byte("secret" + "salt"))
	hash := "{SSHA}" + base64.StdEncoding.EncodeToString(append(sum[:], "salt"...))
	for password, want := range map[string]bool{"secret": true, "secre": false, "": false, "secretsalt": false} {
		if ok, err := matches(hash, []byte(password)); ok != want || err != nil {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
	}
}

// A hash that is broken has no password, or is an error; it never panics.
func TestBrokenHashes(t *testing.T) {
	for _, hash := range []string{"{SHA}", "{SSHA}", "{SHA}!!!", "{SSHA}AAAA", "{SHA}" + base64.StdEncoding.EncodeToString(make([]byte, 24)), "$apr1$", "$apr1$$", "$1$", "$1$$", "$5$", "$6$",
		"$5$rounds=", "$5$rounds=x$y$", "$5$rounds=99999999999999999999$y$", "$6$rounds=1$$", "{PLAIN}x"} {
		if ok, err := matches(hash, []byte("password")); ok || err != nil {
			t.Errorf("%q: %v, %v", hash, ok, err)
		}
	}
	for _, hash := range []string{"", "plain", "$2y$", "$2y$99$", "$2x$04$", "$y$j9T$abc", "$7$", "_J9..", "exactly13char-", "ab*defghijklm", "{MD5}x", strings.Repeat("a", 14), "\x00"} {
		if ok, err := matches(hash, []byte("password")); ok || err == nil {
			t.Errorf("%q: %v, %v", hash, ok, err)
		}
	}
}

func TestSlowHashes(t *testing.T) {
	b, err := bcrypt.GenerateFromPassword([]byte("p"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	for hash, want := range map[string]bool{string(b): true, "$2y$": true, "$2b$": true, "$5$": true, "$6$": true, "$1$": false, "$apr1$": false, "{PLAIN}$6$": false, "$2x$": false} {
		if isSlow(hash) != want {
			t.Errorf("%s", hash)
		}
	}
}

// FuzzMatches looks for hashes that panic or take for ever. bcrypt and many rounds are slow by design and left out.
func FuzzMatches(f *testing.F) {
	for _, h := range []string{"{SHA}x", "{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "$apr1$s$x", "$1$$", "$5$a$", "$6$a$", "abcdefghijklm", "{PLAIN}p"} {
		f.Add(h, "p")
	}
	f.Fuzz(func(t *testing.T, hash, password string) {
		if isBcrypt(hash) || strings.Contains(hash, "rounds=") || len(password) > 200 {
			return // the work of SHA-crypt grows with the square of the password, which a request's head bounds
		}
		ok, err := matches(hash, []byte(password))
		if ok && err != nil {
			t.Errorf("%q, %q: both", hash, password)
		}
		if ok && strings.HasPrefix(hash, "{PLAIN}") != (hash == "{PLAIN}"+password) {
			t.Errorf("%q has %q", hash, password)
		}
	})
}
