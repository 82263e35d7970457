// Package mp4 cuts a piece out of an MP4 file by time, for players that seek by the arguments "start" and "end": NGINX's mp4.
//
//	Cut(file, size, start, end) ─▶ the head to send, and which bytes of the file follow it
//
// # How it works
//
// A file is a row of boxes; NGINX and QuickTime say "atoms" (ISO/IEC 14496-12). "moov" is the index: per track ("trak") a set of
// tables that tell when each sample is played and where it lies in "mdat", the media. A piece has the same boxes with fewer entries,
// so a cut reads the index into memory, crops the tables of each track, and moves the offsets of the chunks by as much as the file
// becomes shorter (track.go, samples.go, chunks.go). The media is not looked at.
//
//	box    entries (all numbers big-endian, of 32 bits)                     says
//	stts   samples, duration of each                                        time of a sample
//	stss   sample                                                           samples that can be begun with, key frames
//	ctts   samples, offset                                                  how much later they are shown
//	stsc   chunk, samples in each from here on, description                 chunk of a sample
//	stsz   size                                                             size of a sample, unless all are of one
//	stco   offset in the file                                               where a chunk lies; co64 with 64 bits
//
// Samples and chunks count from 1 in the tables, and from 0 in this package.
//
// # Invariants
//
// A file is hostile until it is cut: every number of it is checked before it is an index, and what does not fit is an error. The
// piece is byte for byte NGINX's.
//
// # Limits
//
// An index of more than Config.MaxIndex bytes is refused (mp4_max_buffer_size, 10m as in NGINX), an "ftyp" box of more than 1 KiB,
// too. So are more than 4096 boxes up to index and media, and more than 1024 tracks (NGINX: no bound of either), so that a small
// file cannot cost much time, nor one of some megabytes much memory.
package mp4
