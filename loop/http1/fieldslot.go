package http1

// The known names are found by a perfect hash: one table look-up, then one comparison. The multipliers were searched so
// that no two names share a slot; a test holds them to it when a name is added.

var (
	fieldLower [fieldCount]string             // fieldNames in lower case
	fieldSlots [256]FieldID                   // by fieldSlot
	_          = [1]struct{}{}[fieldCount>>6] // fewer than 64, so that a set of ids is one word
)

func init() {
	for id := FieldOther + 1; id < fieldCount; id++ {
		name := []byte(fieldNames[id])
		for i, c := range name {
			name[i] = lower[c]
		}
		fieldLower[id] = string(name)
		fieldSlots[fieldSlot(name[0], name[len(name)/2], name[len(name)-1], len(name))] = id
	}
}

// fieldSlot hashes a name by three of its bytes, in lower case, and its length.
func fieldSlot(first, middle, last byte, n int) uint8 {
	return first*63 + middle*31 + last*5 + uint8(n)*17
}
