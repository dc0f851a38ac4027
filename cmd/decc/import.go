package main

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"decc/compiler/model"
	"decc/compiler/model/weights"
)

type importOptions struct {
	params string
	name   string
	out    string
	shape  []int
	set    string
}

func newImportCmd(env *Env) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import CHECKPOINT",
		Short: "Turn a DECOLLE checkpoint into a model",
		Long: `Import reads a checkpoint of the public DECOLLE code (.pth, .npz or .safetensors; nothing
but tensors is loaded from it) and, with --params, the parameter file that it was trained
with, and writes a model YAML and its weights side by side. What was mapped, what took a
default and what was ignored is reported on stderr.`,
		Example: `  decc import epoch00100.tar --params params.yml -o net.yaml
  decc import mnist.safetensors --name mnist --data mnist-first1000`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return runImport(env, o, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.params, "params", "", "parameter file of the public DECOLLE code (.yml)")
	flags.StringVar(&o.name, "name", "", "name of the model (default: the checkpoint's)")
	flags.StringVarP(&o.out, "output", "o", "", "model to write (default: the name with .yaml)")
	flags.IntSliceVar(&o.shape, "input-shape", nil, "neurons, or channels,rows,columns, where the weights do not tell")
	flags.StringVar(&o.set, "data", "", "data set that the model is to be run on")
	return cmd
}

func runImport(env *Env, o importOptions, checkpoint string) error {
	name := orDefault(o.name, strings.TrimSuffix(filepath.Base(checkpoint), filepath.Ext(checkpoint)))
	out := orDefault(o.out, name+".yaml")
	file := strings.TrimSuffix(filepath.Base(out), filepath.Ext(out)) + ".npz"
	res, err := model.Import(model.ImportOptions{
		Checkpoint: checkpoint, Params: o.params, Name: name, WeightsFile: file, InputShape: o.shape, Set: o.set,
	})
	if err != nil {
		return err
	}
	if err := weights.WriteNPZ(filepath.Join(filepath.Dir(out), file), res.Weights); err != nil {
		return err
	}
	if err := env.WriteResult(out, func(w io.Writer) error { _, err := io.Copy(w, bytes.NewReader(res.YAML)); return err }); err != nil {
		return err
	}
	_, err = res.Report.WriteTo(env.Err)
	return err
}
