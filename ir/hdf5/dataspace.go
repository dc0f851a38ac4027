package hdf5

// noBound is the size of an axis that may grow without end.
const noBound = 1<<64 - 1

// dataspace is the shape of a dataset or an attribute; a scalar has no axes.
type dataspace struct {
	dims []int
	most []uint64 // the largest size of each axis
	null bool     // no element at all
}

// maxSpace keeps products of sizes, in elements and in bytes, within an int.
const maxSpace = 1 << 46

// elements is the number of elements; parseDataspace holds it below maxSpace.
func (s *dataspace) elements() int {
	if s.null {
		return 0
	}
	n := 1
	for _, size := range s.dims {
		n *= size
	}
	return n
}

// parseDataspace reads a dataspace message of version 1 or 2.
func parseDataspace(d *decoder) (dataspace, error) {
	version := d.version(1, 2)
	rank, flags, kind := d.u8(), d.u8(), d.u8()
	if version == 1 {
		d.skip(4)
	}
	if d.err == nil && rank > maxRank {
		d.fail("a dataspace has %d axes, and at most %d exist", rank, maxRank)
	}
	s := dataspace{null: version == 2 && kind == 2}
	sizes := d.lengths(rank)
	s.most = sizes
	if flags&1 != 0 {
		s.most = d.lengths(rank)
	}
	s.setDims(d, sizes)
	return s, d.err
}

// setDims takes sizes whose product is small enough to be counted.
func (s *dataspace) setDims(d *decoder, sizes []uint64) {
	product := uint64(1)
	for _, n := range sizes {
		if !grow(&product, n) {
			if d.err == nil {
				d.err = d.f.errorf(d.at, codeTooLarge, "a shape of %d gives more than %d elements", sizes, uint64(maxSpace)).WithFix(fixCopy)
			}
			return
		}
		s.dims = append(s.dims, int(n))
	}
}

// grow multiplies the product of the sizes of a shape, zeros left out, by one more; it says
// whether that can still be counted.
func grow(product *uint64, size uint64) bool {
	if size > maxSpace / *product {
		return false
	}
	*product *= max(size, 1)
	return true
}

// lengths reads n lengths; a length of all ones is noBound.
func (d *decoder) lengths(n int) []uint64 {
	if n > maxRank {
		return nil
	}
	all := make([]uint64, n)
	for i := range all {
		all[i] = d.length()
		if all[i] == 1<<(8*d.f.lengthBytes)-1 {
			all[i] = noBound
		}
	}
	return all
}
