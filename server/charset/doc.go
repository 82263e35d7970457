// Package charset names the charset of responses in Content-Type and recodes them: NGINX's charset filter.
//
// The charset that is wanted (charset) is added to the configured types when a response names none, and with "override" put in
// the place of one that it names. Where the response is in another charset, which it names or source_charset says, it is
// recoded by a charset_map; between charsets without a map nothing is changed, and New refuses two such names.
//
// Recoding from UTF-8 writes what the other charset lacks as a numeric character reference, and "?" for each byte that is not
// UTF-8. NGINX takes the byte behind a damaged character for a part of it, which may swallow markup.
//
// A redirect by 301 or 302 gets no charset, as in NGINX.
package charset
