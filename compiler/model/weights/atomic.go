package weights

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"decc/ir/diag"
)

// AtomicWrite makes or replaces the file at path with what write gives out: into
// a new file in the same folder, synced, then renamed. Whatever goes wrong, a
// panic of write included, the old file stays as it was and nothing is left
// beside it. A link is followed; a device or pipe, which cannot be replaced, is
// written directly. Diagnostics of write come back as they are, all other errors
// as weights/write.
func AtomicWrite(path string, write func(io.Writer) error) error {
	if err := atomicWrite(path, write); err != nil {
		return writeError(path, err)
	}
	return nil
}

func writeError(path string, err error) error {
	if len(diag.All(err)) > 0 {
		return err
	}
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		err = link.Err
	}
	return diag.Errorf(diag.Pos{File: path}, codeWrite, "cannot write the file: %v", err).
		WithFix("check the folder, its permissions and the free space")
}

func atomicWrite(path string, write func(io.Writer) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return errors.New("it is a directory")
	case err == nil && !info.Mode().IsRegular():
		return writeDirectly(path, write)
	}
	return replace(path, info, write)
}

// replace is told of the file that stands at path, nil if none: its permissions stay.
func replace(path string, old fs.FileInfo, write func(io.Writer) error) error {
	temp, err := createBeside(path)
	if err != nil {
		return err
	}
	renamed := false
	defer func() {
		temp.Close()
		// Once renamed, the name may already belong to another writer.
		if !renamed {
			os.Remove(temp.Name())
		}
	}()
	if err := fill(temp, old, write); err != nil {
		return err
	}
	err = os.Rename(temp.Name(), path)
	renamed = err == nil
	return err
}

// fill writes, syncs and closes.
func fill(temp *os.File, old fs.FileInfo, write func(io.Writer) error) error {
	if err := buffered(temp, write); err != nil {
		return err
	}
	if old != nil {
		if err := temp.Chmod(old.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	return temp.Close()
}

func buffered(w io.Writer, write func(io.Writer) error) error {
	b := bufio.NewWriterSize(w, 1<<16)
	if err := write(b); err != nil {
		return err
	}
	return b.Flush()
}

func writeDirectly(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := buffered(f, write); err != nil {
		return err
	}
	return f.Close()
}

// createBeside makes a file in the folder of path, with the permissions that the
// user's mask gives to new files (os.CreateTemp gives 0600).
func createBeside(path string) (*os.File, error) {
	const attempts = 1000
	var last error
	for i := range attempts {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d-%d.tmp", filepath.Base(path), os.Getpid(), i))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil || !errors.Is(err, fs.ErrExist) {
			return f, err
		}
		last = err
	}
	return nil, last
}
