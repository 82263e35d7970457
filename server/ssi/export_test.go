package ssi

// FormatTime formats a time in GMT.
func FormatTime(format string, unix int64) string { return string(appendTime(nil, format, unix, true)) }
