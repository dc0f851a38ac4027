package irgen

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Keep writes a case to dir/name.dcir, under a comment of one line that says why it
// is kept, and returns the path. Tests replay what is in the folder (Kept).
func Keep(dir, name, why string, c Case) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("keep the case: %w", err)
	}
	path := filepath.Join(dir, name+".dcir")
	text := "// " + strings.ReplaceAll(why, "\n", " ") + "\n" + c.Text()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		err = errors.Join(err, os.Remove(path)) // no part of a case is left behind
		return "", fmt.Errorf("keep the case: %w", err)
	}
	return path, nil
}

// Kept reads the cases of a folder by file name. A folder that does not exist has none.
func Kept(dir string) (map[string]Case, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.dcir"))
	if err != nil {
		return nil, err
	}
	cases := map[string]Case{}
	for _, path := range paths {
		name := filepath.Base(path)
		src, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if cases[name], err = ParseCase(string(src), name); err != nil {
			return nil, err
		}
	}
	return cases, nil
}
