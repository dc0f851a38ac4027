package main

import (
	"github.com/spf13/cobra"

	"decc/compiler/model"
)

func newExportCmd(env *Env) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "export MODEL.yaml -o GRAPH.nir",
		Short: "Write a model of populations as a NIR graph",
		Long: `Export writes a network of populations as a graph of NIR (HDF5), which other tools read. What
NIR cannot tell (steps, a reset that subtracts) is reported on stderr; what it has no node for
is refused.`,
		Example: `  decc export net.yaml -o net.nir`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if out == "" {
				return usagef("give the file to write: -o GRAPH.nir")
			}
			m, err := model.Load(args[0])
			if err != nil {
				return err
			}
			g, report, err := model.ExportNIR(m)
			if err != nil {
				return err
			}
			if err := env.WriteResult(out, g.Write); err != nil {
				return err
			}
			_, err = report.WriteTo(env.Err)
			return err
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "graph to write")
	return cmd
}
