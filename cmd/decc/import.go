package main

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"decc/compiler/model"
	"decc/compiler/model/weights"
)

type importOptions struct {
	params     string
	name       string
	out        string
	shape      []int
	set        string
	dt         time.Duration
	reset      string
	recordings string
	steps      int
	unit       float64
	decays     string
}

func newImportCmd(env *Env) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import CHECKPOINT | GRAPH.nir | NETWORK.net",
		Short: "Turn another tool's network into a model",
		Long: `Import reads what another tool wrote and writes a model YAML and its weights side by side.
What was mapped to what, what took a default and what was left out is reported on stderr; what
cannot be mapped is refused by name.

A checkpoint of the public DECOLLE code (.pth, .npz or .safetensors; nothing but tensors is
loaded from it) becomes a DECOLLE model; --params names the parameter file that it was trained with.

A graph of NIR becomes a network of populations with real weights. NIR does not tell how long a
step is (--dt), nor, in files before 1.0, whether a spike sets the voltage or takes the
threshold from it (--reset). Linear nodes between neurons are multiplied out into one connection.

A network of lava-dl (.net) becomes a model in chip terms: its integers are kept.`,
		Example: `  decc import epoch00100.tar --params params.yml -o net.yaml
  decc import mnist.safetensors --name mnist --data mnist-first1000
  decc import cnn_sinabs.nir --reset subtract --recordings nmnist/test.csv --steps 300
  decc import network.net --input-shape 2,16,16`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return runImport(env, o, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.params, "params", "", "checkpoint: parameter file of the public DECOLLE code (.yml)")
	flags.StringVar(&o.name, "name", "", "name of the model (default: the file's)")
	flags.StringVarP(&o.out, "output", "o", "", "model to write (default: the name with .yaml)")
	flags.IntSliceVar(&o.shape, "input-shape", nil, "checkpoint, .net: neurons, or channels,rows,columns, where the weights do not tell")
	flags.StringVar(&o.set, "data", "", "checkpoint: data set that the model is to be run on")
	flags.DurationVar(&o.dt, "dt", 0, "NIR: duration of a step, such as 1ms or 100us")
	addChoice(cmd, flags, &o.reset, "reset", []string{"set", "subtract"}, "NIR: what a spike does to the voltage")
	flags.Float64Var(&o.unit, "unit", 0, "NIR: integer voltage that stands for 1 (default: chosen when the model is compiled)")
	addChoice(cmd, flags, &o.decays, "decays", []string{"nearest", "down"}, "NIR: how shares that are lost a step become multiples of 1/4096")
	flags.StringVar(&o.recordings, "recordings", "", "NIR, .net: list of recordings (CSV) that the model is to be run on")
	flags.IntVar(&o.steps, "steps", 300, "NIR, .net: rows of a recording")
	return cmd
}

// importers make a model of each kind of file.
var importers = map[string]func(o importOptions, file, name, weightsFile string) (*model.Imported, error){
	model.KindCheckpoint: func(o importOptions, file, name, weightsFile string) (*model.Imported, error) {
		return model.Import(model.ImportOptions{
			Checkpoint: file, Params: o.params, Name: name, WeightsFile: weightsFile, InputShape: o.shape, Set: o.set,
		})
	},
	model.KindNIR: func(o importOptions, file, name, weightsFile string) (*model.Imported, error) {
		return model.ImportNIR(model.NIROptions{
			File: file, Name: name, WeightsFile: weightsFile, Dt: o.dt, Reset: o.reset, Recordings: o.recordings, Steps: o.steps,
			Unit: o.unit, Decays: o.decays,
		})
	},
	model.KindNetx: func(o importOptions, file, name, weightsFile string) (*model.Imported, error) {
		return model.ImportNetx(model.NetxOptions{
			File: file, Name: name, WeightsFile: weightsFile, InputShape: o.shape, Recordings: o.recordings, Steps: o.steps,
		})
	},
}

func runImport(env *Env, o importOptions, file string) error {
	kind, err := model.ImportKind(file)
	if err != nil {
		return err
	}
	name := orDefault(o.name, model.ImportName(file))
	out := orDefault(o.out, name+".yaml")
	weightsFile := strings.TrimSuffix(filepath.Base(out), filepath.Ext(out)) + ".npz"
	if o.recordings, err = fromFolder(filepath.Dir(out), o.recordings); err != nil {
		return err
	}
	res, err := importers[kind](o, file, name, weightsFile)
	if err != nil {
		return err
	}
	if err := weights.WriteNPZ(filepath.Join(filepath.Dir(out), weightsFile), res.Weights); err != nil {
		return err
	}
	if err := env.WriteResult(out, func(w io.Writer) error { _, err := io.Copy(w, bytes.NewReader(res.YAML)); return err }); err != nil {
		return err
	}
	_, err = res.Report.WriteTo(env.Err)
	return err
}

// fromFolder is a path of the command line as a model in a folder names it.
func fromFolder(folder, path string) (string, error) {
	if path == "" || filepath.IsAbs(path) || strings.HasPrefix(path, "${") {
		return path, nil
	}
	from, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.Rel(from, to)
}
