package loop

import "sync"

// queueList is a free list of queues: a reactor's own, or, locked, the workers'.
type queueList struct{ free []*queue }

func (l *queueList) get() *queue {
	if n := len(l.free) - 1; n >= 0 {
		q := l.free[n]
		l.free = l.free[:n]
		return q
	}
	return new(queue)
}

func (l *queueList) put(q *queue) {
	q.segs = nil
	if len(l.free) < 1024 {
		l.free = append(l.free, q)
	}
}

// sharedQueueList is the same for any goroutine.
type sharedQueueList struct {
	mu sync.Mutex
	queueList
}

func (l *sharedQueueList) get() *queue {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.queueList.get()
}

func (l *sharedQueueList) put(q *queue) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queueList.put(q)
}
