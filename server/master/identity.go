package master

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// Identity is whom workers run as.
type Identity struct {
	Name   string
	UID    int
	GID    int
	Groups []int // the supplementary ones, as initgroups(3) would set them
}

// defaultUser is NGINX's.
const defaultUser = "nobody"

// LookupUser finds the user and the group of a user directive. Without a group NGINX takes the one that is called as the
// user, and so does this; without a user, it is nobody and its own group. The errors are NGINX's.
func LookupUser(name, group string) (*Identity, error) {
	own := name == ""
	if own {
		name = defaultUser
	}
	u, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf(`getpwnam("%s") failed`, name)
	}
	id := &Identity{Name: name}
	if id.UID, err = strconv.Atoi(u.Uid); err != nil {
		return nil, fmt.Errorf("master: user %s: %w", name, err)
	}
	gid := u.Gid
	if !own {
		if group == "" {
			group = name
		}
		g, err := user.LookupGroup(group)
		if err != nil {
			return nil, fmt.Errorf(`getgrnam("%s") failed`, group)
		}
		gid = g.Gid
	}
	if id.GID, err = strconv.Atoi(gid); err != nil {
		return nil, fmt.Errorf("master: group %s: %w", group, err)
	}
	id.Groups = []int{id.GID}
	if all, err := u.GroupIds(); err == nil {
		for _, g := range all {
			if n, err := strconv.Atoi(g); err == nil && n != id.GID {
				id.Groups = append(id.Groups, n)
			}
		}
	}
	return id, nil
}

// identity is the one the settings ask for; nil when the program does not run as root, and cannot change.
func (s *Settings) identity() (*Identity, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	id, err := LookupUser(s.User, s.Group)
	if err != nil && s.UserPlace != "" {
		err = fmt.Errorf("%w in %s", err, s.UserPlace)
	}
	return id, err
}

// assume makes this process run as id, for good.
func (id *Identity) assume() error {
	if err := syscall.Setgroups(id.Groups); err != nil {
		return &callError{fmt.Sprintf("initgroups(%s, %d)", id.Name, id.GID), err}
	}
	if err := syscall.Setgid(id.GID); err != nil {
		return &callError{fmt.Sprintf("setgid(%d)", id.GID), err}
	}
	if err := syscall.Setuid(id.UID); err != nil {
		return &callError{fmt.Sprintf("setuid(%d)", id.UID), err}
	}
	return nil
}
