package hdf5

// Signature is what an HDF5 file begins with, but for a block of the user in front of it.
const Signature = "\x89HDF\r\n\x1a\n"

// maxSuperblock is the length of the longest superblock, of version 1 with addresses of 8
// bytes, with the symbol table entry of the root.
const maxSuperblock = 100

// readSuperblock finds the superblock, which stands at byte 0 or, behind a block of the
// user, at 512 or a power of two above.
func (f *File) readSuperblock() error {
	var magic [len(Signature)]byte
	for at := int64(0); f.inFile(at, int64(len(magic))); at = max(512, 2*at) {
		if err := f.readAt(magic[:], at, "the signature"); err != nil {
			return err
		}
		if string(magic[:]) == Signature {
			return f.parseSuperblock(at)
		}
	}
	return f.errorf(0, codeFormat, "this is no HDF5 file: no signature at byte 0 nor at 512, 1024 ...").
		WithFix("give a file that h5dump reads; a failed download is the usual cause")
}

func (f *File) parseSuperblock(at int64) error {
	d, err := f.block(address(at), f.extent(address(at), maxSuperblock), "the superblock")
	if err != nil {
		return err
	}
	d.skip(len(Signature))
	if d.version(0, 3) < 2 {
		f.parseOldSuperblock(d)
	} else {
		f.parseNewSuperblock(d)
	}
	if d.err == nil && f.root == undefined {
		d.fail("the root group has no address")
	}
	return d.err
}

// parseOldSuperblock reads what follows the version in versions 0 and 1.
func (f *File) parseOldSuperblock(d *decoder) {
	version := d.b[d.p-1]
	d.skip(4) // versions of the free space, the root's entry, a reserved byte, shared messages
	f.parseWidths(d)
	d.skip(1 + 2 + 2 + 4) // reserved, the ranks of group nodes, flags
	if version == 1 {
		d.skip(4) // the rank of chunk indexes
	}
	f.parseBase(d)
	d.address() // free space
	f.parseEnd(d)
	if d.address() != undefined {
		d.refuse("the file has a driver information block: it is one of a family of files")
	}
	d.skip(f.lengthBytes) // the name of the root
	f.root = d.address()
}

// parseNewSuperblock reads what follows the version in versions 2 and 3.
func (f *File) parseNewSuperblock(d *decoder) {
	f.parseWidths(d)
	d.skip(1) // flags
	f.parseBase(d)
	d.address() // the extension holds settings for writers
	f.parseEnd(d)
	f.root = d.address()
	d.checksum()
}

func (f *File) parseWidths(d *decoder) {
	f.addressBytes, f.lengthBytes = d.u8(), d.u8()
	for _, n := range []int{f.addressBytes, f.lengthBytes} {
		if d.err == nil && n != 2 && n != 4 && n != 8 {
			d.fail("addresses of %d bytes and lengths of %d, expected 2, 4 or 8", f.addressBytes, f.lengthBytes)
		}
	}
}

// parseBase reads the address that all others count from: the length of the user's block.
func (f *File) parseBase(d *decoder) {
	base := d.address()
	if d.err == nil && base == undefined {
		d.fail("the base address is undefined")
	}
	f.base = max(0, int64(base))
}

func (f *File) parseEnd(d *decoder) {
	at := d.pos()
	end := d.uint(f.addressBytes)
	if d.err == nil && end > uint64(f.size) {
		d.err = f.errorf(at, codeTruncated, "the file has %d bytes, and its superblock tells of %d", f.size, end)
	}
}
