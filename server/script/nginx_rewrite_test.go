package script_test

import (
	"fmt"
	"strings"
	"testing"
)

// rewriteServers are contents of server blocks. What is left of a request is shown by X-State.
var rewriteServers = []string{
	// rewrite and its flags
	`rewrite ^/(.*)$ /r/$1;`,
	`rewrite ^/(.*)$ /r/$1 last;`,
	`rewrite ^/(.*)$ /r/$1 break; return 200 "not reached";`,
	`rewrite ^/a(.*)$ /b$1; rewrite ^/b(.*)$ /c$1; rewrite ^/c(.*)$ /d$1 last; return 500;`,
	`rewrite ^/(.*)$ /r/$1?;`,
	`rewrite ^/(.*)$ /r?path=$1;`,
	`rewrite ^/(.*)$ /r?path=$1?;`,
	`rewrite ^/(.*)$ /r?path=$1&again=$1 last;`,
	`rewrite ^/([^/]*)/(.*)$ /$2/$1/$3?$2=$1;`,
	`rewrite ^/(.*)$ /$1 redirect;`,
	`rewrite ^/(.*)$ /r/$1? permanent;`,
	`rewrite ^/(.*)$ /r?to=$1 redirect;`,
	`rewrite ^/(.*)$ http://other.test/$1;`,
	`rewrite ^/(.*)$ https://other.test/$1?x=$1 permanent;`,
	`rewrite ^/(.*)$ $scheme://other.test/$1;`,
	`rewrite ^(.*)$ $1/more;`,
	`rewrite "^/(?<head>[^/]{1,3})(?<tail>.*)$" /$tail/$head?$1;`,
	`rewrite (?i)^/A(.*)$ /found$1;`,
	`rewrite ^/\w+ /word; rewrite ^/\d+ /number;`,
	`rewrite \.(jpe?g|png)$ /image/$1;`,
	`rewrite ^/(a|b)(c)?(.*)$ /[$1][$2][$3][$4];`,
	`rewrite ^/(.+?)(/.*)?$ /lazy/$1$2;`,
	`rewrite ^/(?!a)(.*)$ /nota/$1;`,
	`rewrite ^/(.)\1(.*)$ /twice/$1/$2;`,
	`rewrite ^ /x;`,
	`rewrite "^/(.{2})(.*)$" /two/$1?$2;`,
	`rewrite ^ $arg_r? redirect;`,
	`rewrite ^ http://other.test$request_uri? redirect;`,
	`rewrite ^ http://other.test/blah%20%3Fblah%2Fx%zz%4 redirect;`,
	`rewrite ^/(.*)$ /x/$arg_r/$1;`,
	`rewrite ^/%20 /percent; rewrite "^/ " /space;`,
	`rewrite ^/$ /root; rewrite ^/a$ /a-only;`,
	// what is between
	`set $x "$1"; rewrite ^/(.*)$ /r; set $y "[$1]"; set $args "$y$args";`,
	`if ($uri ~ "^/(.*)$") { set $x $1; } set $y "<$1>"; return 200 "$x $y";`,
	`if ($uri ~ "^/(.*)$") { set $x "$1"; } rewrite ^/a /b?; if ($uri ~ "^/(.*)$") { set $y "$1"; } return 200 "$x|$y|$1";`,
	`if ($uri ~ nothing) { return 200 yes; } return 200 "no [$1]";`,
	`set $a 1; set $a "$a$a"; set $a "${a}x$a"; return 200 $a;`,
	`set $args "new=$args"; return 200 "$args $query_string $is_args $arg_new $request_uri";`,
	`set $args ""; rewrite ^/(.*)$ /r?$1; return 200 "$uri?$args";`,
	// if
	`if ($arg_x) { return 200 "set"; } return 200 "unset";`,
	`if ($arg_x = 1) { return 200 "one"; } if ($arg_x != "") { return 200 "other $arg_x"; }`,
	`if ($arg_x = "$arg_y") { return 200 "same"; }`,
	`if ($uri ~* \.(PNG|jpg)$) { return 200 "image $1"; }`,
	`if ($uri !~ "^/a") { return 200 "not a"; }`,
	`if ($uri !~* "^/A") { return 200 "not A"; }`,
	`if ($request_method = POST) { return 405; } if ($http_user_agent ~ "(curl|Wget)/([0-9.]+)") { return 200 "$1 $2"; }`,
	`if (-d /etc) { set $d d; } if (!-f /etc) { set $d "${d}f"; } if (-e /none) { set $d "${d}e"; } if (-x /bin/sh) { set $d "${d}x"; } return 200 $d;`,
	`if (-f /etc$uri) { return 200 "file"; } if (-d "/etc/../etc") { return 200 "no file"; }`,
	`if ($host ~ ^(?<sub>[a-z]+)([0-9]+)) { set $n $2; } return 200 "$sub $n";`,
	`if ($cookie_a = "b c") { return 200 cookie; } if ($arg_x ~ "^$") { return 200 "empty x"; } return 200 "x=$arg_x";`,
	// return
	`return 200;`, `return 200 "$uri";`, `return 204;`, `return 302 /x$uri;`, `return 307 /x$request_uri;`, `return 308 "/x$is_args$args";`,
	`return 301 /;`, `return 303 https://$host$uri;`, `return https://$host$request_uri;`, `return $scheme://x$uri;`,
	`return 404;`, `return 404 "gone: $uri";`, `return 418 "pot";`, `return 500 "";`, `return 599;`, `return 600 "odd";`,
	// locations
	`location / { rewrite ^/a(.*)$ /b$1 last; rewrite ^/c(.*)$ /d$1 break; return 200 "root $uri"; } location /b { return 200 "b $uri?$args"; }`,
	`location / { rewrite ^(.*)$ $1x last; }`,
	`location / { rewrite ^/(.*)$ /r/$1 last; } location /r/ { rewrite ^/r/(.*)$ /s?$1 last; } location /s { return 200 "$uri?$args"; }`,
	`location / { if ($arg_x) { return 200 "x $arg_x"; } set $y 1; if ($arg_y) { set $y 2; } return 200 "y $y"; }`,
	`location / { if ($uri ~ ^/(.)(.*)) { rewrite ^ /b/$2$1; } return 200 "reached $uri"; } location /b/ { return 200 "b $uri $1"; }`,
	`location / { if ($uri ~ ^/(.)(.*)) { rewrite ^ /b/$2$1 last; } return 200 "reached $uri"; } location /b/ { return 200 "b $uri $1"; }`,
	`location / { if ($uri ~ ^/(.)) { break; } return 200 "reached"; }`,
	`location = / { return 200 "exact"; } location ~ ^/(.*)\.png$ { return 200 "png"; } location ^~ /a { return 200 "a"; } location / { return 200 "rest"; }`,
	`set $who server; location / { set $who "$who+location"; return 200 $who; } location /a { return 200 $who; }`,
	`break; rewrite ^ /x; return 200 "not reached";`,
	`rewrite ^/(.*)$ /r/$1; break; location / { return 200 "loc $uri"; }`,
	`rewrite ^/a$ /b; rewrite_log on; location /b { rewrite ^/b$ /c; set $q 1; rewrite ^/c$ /a; } location /c { return 200 c; } location / { return 200 "else"; }`,
}

var rewriteTargets = []string{
	"/", "/a", "/a?x=1", "/a?x=0", "/a?x=1&y=1", "/a?x=00&", "/a/b/c", "/a/b/c?q=1?2", "/A/B", "/aa", "/ab?", "/b", "/c/d?x=&y", "/img.png", "/IMG.JPG?x", "/x.jpeg",
	"/a%20b", "/a%20b?x=%20", "/%61", "/a%2Fb", "/a%3Fb", "/a%26b=c?d", "/a+b", "/a+b?c+d", "/a%2Bb", "/a%25b", "/%20", "/a;b", "/a&b", "/a%23b", "/%C3%A9t%C3%A9", "/\xc3\xa9",
	"/a%22b%3C%3E", "/a\"b", "/1234", "/word-1", "/a//b", "/a/./b", "/a/../b", "/ac", "/bc/d", "/acd?", "/a?x=1&x=2", "/a?X=1", "/a?&x=5", "/a?y=1&xx=2&x=3", "/passwd", "/hosts",
	"/?r=http%3A%2F%2Fx%2F%3Ffrom%3Db", "/?r=%41%3f%41%3F%41", "/?r=%zz%4z%4", "/?r=%", "/?r=%%41", "/?r=%25%20%7e%7F%80%0d%0a", "/?r=/a%2fb%2Fc%61",
}

func TestRewritesAgainstNginx(t *testing.T) {
	var blocks strings.Builder
	empty := t.TempDir()
	for i, text := range rewriteServers {
		fmt.Fprintf(&blocks, "server { listen LISTEN; server_name c%d.test; root %s; add_header X-State \"$uri|$args|$is_args|$request_uri|$1|$2\" always;\n%s\n}\n", i, empty, text)
	}
	all := fronts(t, blocks.String())
	addr := startNginx(t, blocks.String())
	n := 0
	for i, text := range rewriteServers {
		for _, target := range rewriteTargets {
			raw := "GET " + target + " HTTP/1.1\r\nHost: c" + fmt.Sprint(i) + ".test\r\nUser-Agent: curl/7.1\r\nCookie: a=b c\r\nConnection: close\r\n\r\n"
			if diff := compare(t, addr, all[i], raw); diff != "" {
				t.Errorf("%s\n  %s: %s", text, target, diff)
			}
			n++
		}
	}
	t.Logf("%d requests compared", n)
}
