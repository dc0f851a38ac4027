package weights

import (
	"archive/zip"
	"testing"
)

// fuzzFile starts from a sample of a kind and its halves.
func fuzzFile(f *testing.F, kind string) {
	data := samples()[kind]
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		checkDecoded(t, func() (*File, error) { return Decode("f", data, smallLimits) })
	})
}

func FuzzNPY(f *testing.F)         { fuzzFile(f, "npy") }
func FuzzNPZ(f *testing.F)         { fuzzFile(f, "npzc") }
func FuzzSafetensors(f *testing.F) { fuzzFile(f, "safetensors") }
func FuzzTorchLegacy(f *testing.F) { fuzzFile(f, "legacy") }
func FuzzHDF5(f *testing.F)        { fuzzFile(f, "hdf5") }
func FuzzText(f *testing.F)        { fuzzFile(f, "text") }

// FuzzTorchZip changes the pickle and a storage inside a sound zip, which the
// sums of the zip would otherwise keep out of reach.
func FuzzTorchZip(f *testing.F) {
	f.Add(pickled(torchValue(false)), le([]float32{1, 2, 3, 4, 5, 6}), le(int64(9), int64(-7)))
	f.Add(pickled("]q\x00h\x00a"), "", "")
	f.Add("\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94.", "", "")
	f.Fuzz(func(t *testing.T, stream, first, second string) {
		data := zipped(zip.Store, member{"m/data.pkl", stream}, member{"m/data/0", first}, member{"m/data/1", second})
		checkDecoded(t, func() (*File, error) { return Decode("f", data, smallLimits) })
	})
}

// FuzzNPYInZip changes an array inside a sound zip.
func FuzzNPYInZip(f *testing.F) {
	f.Add("a", string(samples()["npy"]))
	f.Add("b", npyOf("<f8", "True", "(1, 2)", le(1.0, 2.0)))
	f.Fuzz(func(t *testing.T, name, array string) {
		if len(name) > maxName {
			t.Skip("the test's own zip writer has a limit on names")
		}
		data := zipped(zip.Deflate, member{name + ".npy", array})
		checkDecoded(t, func() (*File, error) { return Decode("f", data, smallLimits) })
	})
}
