package weights

import (
	"archive/zip"
	"errors"
	"math/big"
	"path"

	"decc/ir/diag"

	"github.com/nlpodyssey/gopickle/types"
)

// storages are those that a pickle refers to, by key.
type storages map[string]*storage

// persistent resolves ("storage", class, key, location, count[, view]), the only
// kind of reference that tensors need. fields is the length of the tuple.
func (s storages) persistent(fields int) func(any) (any, error) {
	return func(id any) (any, error) {
		t, ok := id.(*types.Tuple)
		if !ok || t.Len() != fields || t.Get(0) != "storage" {
			return nil, errors.New("a reference that is not to a storage (torch.save of a whole module?)")
		}
		class, isClass := t.Get(1).(storageClass)
		key, isKey := t.Get(2).(string)
		count, isCount := t.Get(4).(int)
		if !isClass || !isKey || !isCount || count < 0 {
			return nil, errors.New("a storage reference without class, key or count")
		}
		if fields > 5 && t.Get(5) != nil {
			return nil, errors.New("a storage that is a view of another, as torch before 0.4 wrote")
		}
		return s.get(&storage{key: key, dtype: DType(class), count: count})
	}
}

// get returns the storage of a key, which must be described alike everywhere.
func (s storages) get(want *storage) (*storage, error) {
	have, known := s[want.key]
	if !known {
		s[want.key] = want
		return want, nil
	}
	if have.dtype != want.dtype || have.count != want.count {
		return nil, errors.New("two descriptions of one storage")
	}
	return have, nil
}

// fits reports whether the elements take at most so many bytes; a count that overflows is larger than any file.
func (s *storage) fits(bytes int64) bool {
	return int64(s.count) <= bytes && int64(s.count)*int64(s.dtype.Size()) <= bytes
}

func (s *storage) size() int { return s.count * s.dtype.Size() }

func (d *decoder) badTorch(pos diag.Pos, format string, args ...any) *diag.Diagnostic {
	return diag.Errorf(pos, codeTorch, "the checkpoint is damaged: "+format, args...).WithFix("save the checkpoint again")
}

// torchZip is a torch.save file of version 1.6 and later: folder/data.pkl, and a
// member folder/data/KEY for each storage.
type torchZip struct {
	*archive
	folder string
	big    bool // folder/byteorder says so
}

func (a *archive) readTorch(folder string) error {
	z := torchZip{archive: a, folder: folder}
	pos := diag.AtOffset(a.name, 0)
	if z.member("constants.pkl") != nil {
		return diag.Errorf(pos, codeTorch, "found a TorchScript archive, which holds code, expected a torch.save file").
			WithFix("save the state_dict: torch.save(model.state_dict(), path)")
	}
	if err := z.readByteOrder(pos); err != nil {
		return err
	}
	stream, err := z.content(z.member("data.pkl"))
	if err != nil {
		return err
	}
	stores := storages{}
	file := a.name + ":" + path.Join(folder, "data.pkl")
	value, size, err := a.unpickle(file, 0, stream, stores.persistent(5))
	if err != nil {
		return err
	}
	if size != len(stream) {
		return a.badTorch(diag.AtOffset(file, int64(size)), "%d bytes after the pickle", len(stream)-size)
	}
	return a.flatten(file, value, z.load)
}

// member finds a member of the folder, nil if there is none.
func (z torchZip) member(name string) *zip.File { return z.byName[path.Join(z.folder, name)] }

func (z *torchZip) readByteOrder(pos diag.Pos) error {
	f := z.member("byteorder")
	if f == nil {
		return nil
	}
	text, err := z.content(f)
	if err != nil {
		return err
	}
	z.big = string(text) == "big"
	if !z.big && string(text) != "little" {
		return z.badTorch(pos, "found the byte order %s, expected little or big", quoted(string(text)))
	}
	return nil
}

// load reads the elements of a storage on first use.
func (z torchZip) load(s *storage) error {
	if s.raw != nil {
		return nil
	}
	pos := diag.AtOffset(z.name, 0)
	f := z.member(path.Join("data", s.key))
	if f == nil {
		return z.badTorch(pos, "there is no member for the storage %s", quoted(s.key))
	}
	raw, err := z.content(f)
	if err != nil {
		return err
	}
	if !s.fits(int64(len(raw))) || s.size() != len(raw) {
		return z.badTorch(pos, "the storage %s has %d bytes, expected %d elements of %s", quoted(s.key), len(raw), s.count, s.dtype)
	}
	if s.raw = raw; z.big {
		s.raw = swapped(raw, s.dtype.Size())
	}
	return nil
}

// legacyProtocol is the version that torch.save before 1.6 writes after the magic number.
const legacyProtocol = 1001

// legacy reads a torch.save file before 1.6: five pickles (magic number, version,
// system, the value, the keys of the storages) and the storages in the order of
// the keys, each after its count of elements.
type legacy struct {
	*decoder
	at     int
	stores storages
}

func readTorchLegacy(d *decoder) error {
	l := &legacy{decoder: d, stores: storages{}}
	if err := l.preamble(); err != nil {
		return err
	}
	value, err := l.next(l.stores.persistent(6))
	if err != nil {
		return err
	}
	if err := l.readStorages(); err != nil {
		return err
	}
	return d.flatten(d.name, value, l.load)
}

func (l *legacy) pos() diag.Pos { return diag.AtOffset(l.name, int64(l.at)) }

// next runs the pickle at the current place.
func (l *legacy) next(persistent func(any) (any, error)) (any, error) {
	value, size, err := l.unpickle(l.name, l.at, l.data[l.at:], persistent)
	l.at += size
	return value, err
}

// preamble checks the magic number, the version and the byte order.
func (l *legacy) preamble() error {
	magic, err := l.next(nil)
	if err != nil {
		return err
	}
	if n, ok := magic.(*big.Int); !ok || n.Cmp(torchMagic) != 0 {
		return diag.Errorf(diag.AtOffset(l.name, 0), codeTorch, "found a pickle without the magic number of torch.save").
			WithFix("write it with torch.save, or the arrays with numpy.savez")
	}
	version, err := l.next(nil)
	if err != nil {
		return err
	}
	if version != legacyProtocol {
		return l.badTorch(l.pos(), "found another version than %d", legacyProtocol)
	}
	system, err := l.next(nil)
	if err != nil {
		return err
	}
	if info, ok := system.(*types.Dict); !ok || !littleEndian(info) {
		return l.badTorch(l.pos(), "the description of the system does not say little_endian")
	}
	return nil
}

func littleEndian(info *types.Dict) bool {
	v, _ := info.Get("little_endian")
	return v == true
}

func (l *legacy) readStorages() error {
	value, err := l.next(nil)
	if err != nil {
		return err
	}
	keys, ok := value.(*types.List)
	if !ok || keys.Len() != len(l.stores) {
		return l.badTorch(l.pos(), "the list of storages is not that of the %d in use", len(l.stores))
	}
	for _, key := range *keys {
		name, _ := key.(string)
		if err := l.readStorage(l.stores[name]); err != nil {
			return err
		}
	}
	if l.at != len(l.data) {
		return l.badTorch(l.pos(), "%d bytes after the last storage", len(l.data)-l.at)
	}
	return nil
}

func (l *legacy) readStorage(s *storage) error {
	const countSize = 8
	if s == nil || s.raw != nil {
		return l.badTorch(l.pos(), "the list of storages has a key twice, or one that is not in use")
	}
	rest := l.data[l.at:]
	if len(rest) < countSize || !s.fits(int64(len(rest)-countSize)) || loadWord(rest[:countSize]) != uint64(s.count) {
		return l.badTorch(l.pos(), "%d bytes are left for the storage %s of %d elements of %s and its count", len(rest), quoted(s.key), s.count, s.dtype)
	}
	end := countSize + s.size()
	s.raw = rest[countSize:end:end]
	l.at += end
	return nil
}

// load has nothing to do: readStorages has cut all storages out of the file.
func (l *legacy) load(*storage) error { return nil }
