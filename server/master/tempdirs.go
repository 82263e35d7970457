package master

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// makeTempDirs makes the directories of temporary files and gives them to the workers' user, who may not be allowed to make
// them. Without one a server still serves: what does not fit in memory waits, or is refused. So a failure is only told.
func (l *loaded) makeTempDirs(log *errlog.Log) {
	for _, dir := range l.TempDirs {
		if err := l.makeDir(dir); err != nil {
			log.Printf(errlog.Warn, "%s", err)
		}
	}
}

// makeCacheDirs does the same for those of the caches. Workers do not begin without them.
func (l *loaded) makeCacheDirs() error {
	for _, dir := range l.CacheDirs {
		if err := l.makeDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func (l *loaded) makeDir(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	if err == nil && l.identity != nil && !l.Single {
		err = os.Chown(dir, l.identity.UID, -1)
	}
	if err != nil {
		return &callError{fmt.Sprintf(`mkdir() "%s"`, dir), err}
	}
	return nil
}
