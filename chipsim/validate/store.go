package validate

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"decc/ir"
	"decc/ir/diag"
	"decc/ir/spikes"
)

// Kept is an outcome that a Store can keep.
type Kept interface {
	// Number tells the samples apart.
	Number() int
	// Sound tells what a store of that key cannot hold: lists of other lengths, numbers out
	// of range.
	Sound(key StoreKey) error
}

// StoreKey is what outcomes depend on, besides the position of their digit: kept
// outcomes are of use to a run with an equal key only.
type StoreKey struct {
	ModuleDigest string `json:"module_digest"` // of the module that the engine executes
	FloatDigest  string `json:"float_digest"`  // of the float network, see Reference
	Engine       string `json:"engine"`
	Encoder      string `json:"encoder"`     // kind and parameters, as text
	DataDigest   string `json:"data_digest"` // of the samples
	Steps        int    `json:"steps"`
	BurnIn       int    `json:"burn_in"`
	Real         bool   `json:"real"`
	Layers       int    `json:"layers"`
	// Weigh is what outcomes were asked to weigh, as text; "" for nothing.
	Weigh string `json:"weigh,omitempty"`
}

func weighText(w spikes.Weighing) string {
	if len(w.By) == 0 {
		return ""
	}
	return fmt.Sprint(w.By, w.Tiles)
}

// Key is the key of the job's outcomes; encoder is the kind and the parameters of its
// encoder as text.
func (j Job) Key(encoder string) StoreKey {
	return StoreKey{
		ModuleDigest: ir.Digest(j.Module), FloatDigest: j.Float.Digest(), Engine: j.EngineName, Encoder: encoder,
		DataDigest: j.Samples.Digest(), Steps: j.Steps, BurnIn: j.BurnIn, Real: j.Real, Layers: len(j.Module.Layers),
		Weigh: weighText(j.Weigh),
	}
}

// storeFormat is the version of the file of a Store.
const storeFormat = "decc-outcomes/1"

// storeHeader is the first line of the file.
type storeHeader struct {
	Format string `json:"format"`
	StoreKey
}

// flushEvery bounds the outcomes that a killed run loses.
const flushEvery = 16

// Store keeps the outcomes of a running validation in a file, so that a run that is
// interrupted or killed resumes where it was: JSON lines, the key first and then one
// outcome a line, in the order they came. Time spent is not kept: the seconds of a
// resumed run's report are those of the digits that it ran itself.
//
// One goroutine uses a Store at a time.
type Store[O Kept] struct {
	path    string
	file    *os.File
	buffer  *bufio.Writer
	pending int // outcomes not flushed
}

// OpenStore opens the file of outcomes at path for more of them, and returns those
// that it holds by number. A missing or empty file starts anew. The rest of a line that
// a killed run left behind is removed. Errors are diagnostics of codes store/*: the
// file cannot be opened, is something else, belongs to another key, or is damaged
// before its last line; it is then left as it was.
func OpenStore[O Kept](path string, key StoreKey) (s *Store[O], done map[int]O, err error) {
	f, err := openStoreFile(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	content, err := readStore[O](f, path, key)
	if err != nil {
		return nil, nil, err
	}
	s = &Store[O]{path: path, file: f, buffer: bufio.NewWriterSize(f, 1<<16)}
	return s, content.done, s.start(key, content.whole)
}

// openStoreFile refuses what is not a file before it is opened: opening a pipe would
// wait, a device never ends.
func openStoreFile(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, storeOpenError(path, errors.New("it is not a regular file"))
	}
	// Appending keeps whole lines whole where two runs use the file by mistake.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, storeOpenError(path, err)
	}
	return f, nil
}

// start removes a torn line and writes the header where there is none.
func (s *Store[O]) start(key StoreKey, whole int64) error {
	if err := s.file.Truncate(whole); err != nil {
		return s.writeError(err)
	}
	if whole > 0 {
		return nil
	}
	line, err := headerLine(key)
	if err != nil {
		return err
	}
	if _, err := s.file.Write(line); err != nil {
		return s.writeError(err)
	}
	return nil
}

// Append adds an outcome. It reaches the file after at most 16 outcomes, or with Close.
func (s *Store[O]) Append(o O) error {
	line, err := jsonLine(o)
	if err != nil {
		return err
	}
	if len(line) > maxStoreLine {
		return diag.Errorf(diag.Pos{File: s.path}, "store/size", "the outcome of sample %d takes %d bytes, at most %d can be kept",
			o.Number(), len(line), maxStoreLine).WithFix("validate without a file of outcomes")
	}
	if _, err := s.buffer.Write(line); err != nil {
		return s.writeError(err)
	}
	if s.pending++; s.pending < flushEvery {
		return nil
	}
	return s.flush()
}

func (s *Store[O]) flush() error {
	s.pending = 0
	if err := s.buffer.Flush(); err != nil {
		return s.writeError(err)
	}
	return nil
}

// Close writes what is left and closes the file.
func (s *Store[O]) Close() error {
	err := s.flush()
	if closed := s.file.Close(); err == nil && closed != nil {
		err = s.writeError(closed)
	}
	return err
}

func (s *Store[O]) writeError(err error) error {
	return diag.Errorf(diag.Pos{File: s.path}, "store/write", "outcomes cannot be kept: %v", innermost(err)).
		WithFix("check the free space; what was kept before is still of use")
}

func storeOpenError(path string, err error) error {
	return diag.Errorf(diag.Pos{File: path}, "store/open", "the file of outcomes cannot be opened: %v", innermost(err)).
		WithFix("check the path and its permissions")
}

// innermost is the error without operation and path, which the position tells.
func innermost(err error) error {
	var place *fs.PathError
	if errors.As(err, &place) {
		return place.Err
	}
	return err
}

func headerLine(key StoreKey) ([]byte, error) { return jsonLine(storeHeader{storeFormat, key}) }

func jsonLine(v any) ([]byte, error) {
	line, err := json.Marshal(v)
	return append(line, '\n'), err
}

// storeContent is what the file of a Store holds.
type storeContent[O Kept] struct {
	done  map[int]O
	whole int64 // bytes of the whole lines, header included; 0 is a file without a header
}

// readStore reads the file of a Store that has to belong to key.
func readStore[O Kept](r io.Reader, path string, key StoreKey) (storeContent[O], error) {
	s := storeReader{path: path, key: key, lines: bufio.NewReaderSize(r, maxStoreLine)}
	c := storeContent[O]{done: map[int]O{}}
	if err := s.header(); err != nil || s.whole == 0 {
		return c, err
	}
	for {
		line, err := s.next()
		if err != nil {
			return c, err
		}
		if line == nil {
			c.whole = s.whole
			return c, nil
		}
		if err := readOutcome(&s, line, c.done); err != nil {
			return c, err
		}
	}
}
