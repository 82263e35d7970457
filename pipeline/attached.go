package pipeline

// Slot is a place for memory that a package keeps with every Ctx; see Ctx.Attached.
type Slot uint8

// maxSlots bounds the packages that keep memory with a Ctx.
const maxSlots = 4

var slots Slot

// NewSlot returns a slot of its own. It is for the initialisation of a package, and panics when there are no more.
func NewSlot() Slot {
	if slots == maxSlots {
		panic("pipeline: too many slots")
	}
	slots++
	return slots - 1
}

// Attached returns a place that stays as it is over Reset: for what would else be taken from a pool for each request and given back.
// What lies there is of an earlier request until the package has made it this one's, and is to be small when the request is over.
// Only who has the Ctx may use it.
func (c *Ctx) Attached(s Slot) *any { return &c.attached[s] }
