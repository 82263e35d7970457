//go:build !linux

package static

import "errors"

// openWatcher fails: entries are trusted for Options.Revalidate.
func openWatcher() (*watcher, error) { return nil, errors.ErrUnsupported }

func (w *watcher) addWatch(string) int32 { return triedWatch }

func (w *watcher) removeWatch(int32) {}

func (w *watcher) read() {}

func kindOf(string) nodeKind { return other }

func readLink(string) string { return "" }
