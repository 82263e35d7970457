package master

import (
	"errors"
	"io/fs"
	"os"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// makeTempDirs makes the directories of temporary files and gives them to the workers' user, who may not be allowed to make
// them. Without one a server still serves: what does not fit in memory waits, or is refused. So a failure is only told.
func (l *loaded) makeTempDirs(log *errlog.Log) {
	for _, dir := range l.TempDirs {
		err := os.Mkdir(dir, 0o700)
		if errors.Is(err, fs.ErrExist) {
			err = nil
		}
		if err == nil && l.identity != nil && !l.Single {
			err = os.Chown(dir, l.identity.UID, -1)
		}
		if err != nil {
			log.Printf(errlog.Warn, `mkdir() "%s" failed %s`, dir, errlog.Errno(err))
		}
	}
}
