package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"os"
	"path/filepath"
	"strings"

	"github.com/wheelpit/wheelpit/bench/load"
)

// check asks the player for what the scenario will ask, through net/http, and compares status and content with what
// they must be. It returns the fields with the player's own ETag filled in.
func (p *player) check(ctx context.Context, st *site, sc *Scenario) ([]load.Field, error) {
	fields := sc.Fields
	if sc.wantsETag() {
		plain, err := p.ask(ctx, p.path, nil)
		if err != nil {
			return nil, err
		}
		etag := plain.header.Get("ETag")
		if etag == "" {
			return nil, errors.New("it sends no ETag")
		}
		fields = withETag(fields, etag)
	}
	if sc.Tree != noTree {
		for _, i := range []int{0, treeFiles / 2, treeFiles - 1} {
			if err := p.compare(ctx, st, sc, "/"+treePath(i), wholeFile(file{treePath(i), treeSize}), fields); err != nil {
				return nil, err
			}
		}
		return fields, nil
	}
	return fields, p.compare(ctx, st, sc, p.path, sc.Want, fields)
}

// compare asks for one path.
func (p *player) compare(ctx context.Context, st *site, sc *Scenario, path string, want content, fields []load.Field) error {
	got, err := p.ask(ctx, path, fields)
	if err != nil {
		return err
	}
	p.headBytes = got.head
	if got.status != sc.Status {
		return fmt.Errorf("status %d for %s, expected %d", got.status, path, sc.Status)
	}
	if want == (content{}) {
		return nil
	}
	sum, err := want.sum(st.root)
	if err != nil {
		return err
	}
	if got.sum != sum {
		return fmt.Errorf("other content for %s than expected: %d bytes, %.40q", path, got.size, got.begin)
	}
	return nil
}

// sum is the hash of the content.
func (c content) sum(root string) (sum [sha256.Size]byte, err error) {
	if c.file == "" {
		return sha256.Sum256([]byte(c.text)), nil
	}
	in, err := os.Open(filepath.Join(root, c.file))
	if err != nil {
		return sum, fmt.Errorf("bench: %w", err)
	}
	defer in.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(in, c.from, c.size)); err != nil {
		return sum, fmt.Errorf("bench: %w", err)
	}
	return [sha256.Size]byte(hash.Sum(nil)), nil
}

// reply is one answer as net/http understands it.
type reply struct {
	status int
	header http.Header
	head   int // bytes before the content
	size   int64
	begin  []byte // of the content
	sum    [sha256.Size]byte
}

// ask makes one request on a connection of its own.
func (p *player) ask(ctx context.Context, path string, fields []load.Field) (*reply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.instance.Addr.String()+path, nil)
	if err != nil {
		return nil, err
	}
	request.Host = "bench.local"
	for _, f := range fields {
		if strings.EqualFold(f.Name, "Connection") {
			continue // every request of the check closes its connection
		}
		request.Header.Set(f.Name, f.Value)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	head, err := httputil.DumpResponse(response, false)
	if err != nil {
		return nil, err
	}
	hash, begin := sha256.New(), &bytes.Buffer{}
	size, err := io.Copy(hash, io.TeeReader(io.LimitReader(response.Body, 40), begin))
	if err == nil {
		var more int64
		more, err = io.Copy(hash, response.Body)
		size += more
	}
	if err != nil {
		return nil, fmt.Errorf("content of %s: %w", path, err)
	}
	return &reply{
		status: response.StatusCode, header: response.Header, head: len(head), size: size, begin: begin.Bytes(),
		sum: [sha256.Size]byte(hash.Sum(nil)),
	}, nil
}
