package mp4

import "errors"

// cropTimes finds the samples of the piece by their times.
func (t *track) cropTimes() error {
	if t.stts == nil {
		return errors.New("no mp4 stts atoms were found")
	}
	i, rest, sample := t.find(t.cut.start * uint64(t.scale) / 1000)
	if i == t.stts.len() {
		return errors.New("start time is out mp4 stts samples")
	}
	back, err := t.keyFrame(uint32(sample))
	if err != nil {
		return err
	}
	t.first = sample - uint64(back)
	for ; rest < back; i-- {
		if i == 0 {
			return errors.New("mp4 key frame is out mp4 stts samples")
		}
		t.hidden += uint64(rest * t.stts.at(i, 1))
		back -= rest
		rest = t.stts.at(i-1, 0)
	}
	t.hidden += uint64(back * t.stts.at(i, 1))
	t.duration += t.hidden
	t.stts.set(i, 0, t.stts.at(i, 0)-(rest-back))
	t.stts.from(i)
	if t.cut.length != 0 {
		t.cropEnd()
	}
	if t.mdhd != nil {
		d, _ := times(t.mdhd, "mdhd", 12, 24) // it was right before
		d.set(t.duration)
	}
	return nil
}

// cropEnd drops the samples behind the piece.
func (t *track) cropEnd() {
	i, rest, sample := t.find(t.cut.length*uint64(t.scale)/1000 + t.hidden)
	t.behind = t.first + sample
	if i < t.stts.len() {
		t.stts.set(i, 0, rest)
		t.stts.to(i + 1)
	}
}

// find returns the sample that is played at a time: its entry and its number within that, and the number among all that are left.
// Behind the last it is the end.
func (t *track) find(time uint64) (entry int, rest uint32, sample uint64) {
	for entry = range t.stts.len() {
		count, each := uint64(t.stts.at(entry, 0)), uint64(t.stts.at(entry, 1))
		if time < count*each {
			return entry, uint32(time / each), sample + time/each
		}
		sample += count
		time -= count * each
	}
	return t.stts.len(), 0, sample
}

// keyFrame returns how many samples before one the key frame is that it needs.
func (t *track) keyFrame(sample uint32) (back uint32, err error) {
	if !t.cut.KeyFrame || t.stss == nil {
		return 0, nil
	}
	sample++
	for i := range t.stss.len() {
		key := t.stss.at(i, 0)
		if key == 0 {
			return 0, errors.New("zero sync sample")
		}
		if key > sample {
			break
		}
		back = sample - key
	}
	return back, nil
}

// cropKeyFrames leaves the key frames of the piece, by their new numbers.
func (t *track) cropKeyFrames() error {
	if t.stss == nil {
		return nil
	}
	t.stss.from(t.keyFrom(uint32(t.first) + 1))
	if t.cut.length != 0 {
		t.stss.to(t.keyFrom(uint32(t.behind) + 1))
	}
	for i := range t.stss.len() {
		t.stss.set(i, 0, t.stss.at(i, 0)-uint32(t.first))
	}
	return nil
}

// keyFrom returns the entry of the first key frame from a sample on.
func (t *track) keyFrom(sample uint32) int {
	for i := range t.stss.len() {
		if t.stss.at(i, 0) >= sample {
			return i
		}
	}
	return t.stss.len()
}

// cropOffsets leaves the entries of ctts for the samples of the piece.
func (t *track) cropOffsets() error {
	if t.ctts == nil {
		return nil
	}
	i, rest := t.offsetOf(uint32(t.first) + 1)
	if i < t.ctts.len() {
		t.ctts.set(i, 0, t.ctts.at(i, 0)-rest)
	}
	t.ctts.from(i)
	if t.cut.length == 0 {
		return nil
	}
	if i, rest = t.offsetOf(uint32(t.behind-t.first) + 1); i < t.ctts.len() {
		t.ctts.set(i, 0, rest)
		t.ctts.to(i + 1)
	}
	return nil
}

// offsetOf returns the entry for a sample, counted from 1, and how many samples stand before it in that.
func (t *track) offsetOf(sample uint32) (entry int, rest uint32) {
	for i := range t.ctts.len() {
		count := t.ctts.at(i, 0)
		if sample <= count {
			return i, sample - 1
		}
		sample -= count
	}
	return t.ctts.len(), 0
}
