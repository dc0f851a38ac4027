package weights

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"strings"

	"decc/ir/diag"
)

// archive is a zip file whose members have been bounded.
type archive struct {
	*decoder
	members []*zip.File
	byName  map[string]*zip.File
}

// deflateRatio is the most that deflate can expand: 258 bytes from 2 bits.
const deflateRatio = 1032

func readZip(d *decoder) error {
	a, err := d.openArchive()
	if err != nil {
		return err
	}
	if folder, ok := a.torchFolder(); ok {
		return a.readTorch(folder)
	}
	return a.readNPZ()
}

func (d *decoder) openArchive() (*archive, error) {
	z, err := zip.NewReader(bytes.NewReader(d.data), int64(len(d.data)))
	if err != nil {
		return nil, d.damagedZip("%v", err)
	}
	if len(z.File) > d.limits.Entries {
		return nil, d.errorf(0, codeLimit, "the zip file has %d members, the limit is %d", len(z.File), d.limits.Entries).
			WithFix("save only the tensors that are needed, or raise the limit")
	}
	a := &archive{decoder: d, byName: make(map[string]*zip.File, len(z.File))}
	var packed, unpacked uint64
	for _, f := range z.File {
		if err := a.checkMember(f); err != nil {
			return nil, err
		}
		packed += f.CompressedSize64
		unpacked += f.UncompressedSize64
		if packed > uint64(len(d.data)) || unpacked > uint64(d.limits.Bytes) {
			return nil, d.errorf(0, codeLimit, "the members of the zip file claim %d bytes packed and %d unpacked; the file has %d and the limit is %d",
				packed, unpacked, len(d.data), d.limits.Bytes).WithFix("write the file again, or raise the limit")
		}
	}
	d.allow(int64(unpacked))
	return a, nil
}

// checkMember refuses what cannot be read, and sizes that the packed bytes do
// not back.
func (a *archive) checkMember(f *zip.File) error {
	const encrypted = 1
	backed := f.CompressedSize64
	if f.Method == zip.Deflate && backed < 1<<40 {
		backed = deflateRatio * (backed + 1)
	}
	switch {
	case a.byName[f.Name] != nil:
		return a.errorf(0, codeDuplicate, "the zip file has two members %q", f.Name).WithFix("write the file again")
	case f.Method != zip.Store && f.Method != zip.Deflate, f.Flags&encrypted != 0:
		return a.damagedZip("member %q has compression method %d and flags %#x, expected stored or deflated and not encrypted", f.Name, f.Method, f.Flags)
	case f.UncompressedSize64 > backed:
		return a.damagedZip("member %q claims %d bytes out of %d packed ones", f.Name, f.UncompressedSize64, f.CompressedSize64)
	}
	a.byName[f.Name] = f
	a.members = append(a.members, f)
	return nil
}

func (d *decoder) damagedZip(format string, args ...any) *diag.Diagnostic {
	return d.errorf(0, codeZip, "the zip file is damaged: "+format, args...).WithFix("write the file again")
}

// content unpacks one member and checks its CRC-32.
func (a *archive) content(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, a.damagedZip("member %q: %v", f.Name, err)
	}
	defer r.Close()
	data := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, a.damagedZip("member %q: %v", f.Name, err)
	}
	// The reader checks the sum when it meets the end.
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		return nil, a.damagedZip("member %q of %d bytes: %v", f.Name, len(data), err)
	}
	return data, nil
}

// readNPZ reads every member whose name ends in .npy. An empty zip file is an
// npz of no arrays.
func (a *archive) readNPZ() error {
	found := len(a.members) == 0
	for _, f := range a.members {
		name, isArray := strings.CutSuffix(f.Name, ".npy")
		if !isArray {
			a.ignored = append(a.ignored, f.Name)
			continue
		}
		found = true
		if err := a.readNPYMember(f, name); err != nil {
			return err
		}
	}
	if !found {
		return a.errorf(0, codeFormat, "the zip file has %d members but neither data.pkl (torch.save) nor any .npy (npz)", len(a.members)).
			WithFix("give a file written by numpy.savez or torch.save")
	}
	return nil
}

func (a *archive) readNPYMember(f *zip.File, name string) error {
	data, err := a.content(f)
	if err != nil {
		return err
	}
	return a.readNPY(a.name+":"+f.Name, name, data)
}

// torchFolder is the folder of data.pkl, the mark of a torch.save file.
func (a *archive) torchFolder() (string, bool) {
	for _, f := range a.members {
		if path.Base(f.Name) == "data.pkl" {
			return path.Dir(f.Name), true
		}
	}
	return "", false
}
