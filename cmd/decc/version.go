package main

import (
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"decc/chipsim/image"
	"decc/ir/chip"
)

// modelFormat is the version of the model files that this decc reads: the const of
// the key decc in the schema of compiler/model.
const modelFormat = 1

// versionInfo is what `decc version` tells. It holds no time and no machine, so that
// equal binaries say the same.
type versionInfo struct {
	Version  string   `json:"version"`
	Revision string   `json:"revision,omitempty"`
	Modified bool     `json:"modified,omitempty"`
	Go       string   `json:"go"`
	Model    int      `json:"model_format"`
	Image    int      `json:"image_format"`
	Chips    []string `json:"chips"`
}

func newVersionCmd(env *Env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which decc this is and which formats it reads",
		Long: `Version prints the version of decc, the version control revision that it was built
from, the Go release, the versions of the file formats that it reads and writes, and
the names of the chip profiles that it carries.`,
		Example: "  decc version\n  decc version --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return env.WriteResult(toStdout, func(w io.Writer) error { return writeVersion(w, buildVersion(), asJSON) })
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func buildVersion() versionInfo {
	v := versionInfo{Version: "(unknown)", Model: modelFormat, Image: image.Version, Chips: chip.Names()}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Version, v.Go = build.Main.Version, build.GoVersion
	for _, setting := range build.Settings {
		switch setting.Key {
		case "vcs.revision":
			v.Revision = setting.Value
		case "vcs.modified":
			v.Modified = setting.Value == "true"
		}
	}
	return v
}

func writeVersion(w io.Writer, v versionInfo, asJSON bool) error {
	if asJSON {
		return writeJSON(w, v)
	}
	d := description{Kind: "decc " + v.Version}
	if v.Revision != "" {
		d.add("revision", v.Revision)
		d.add("modified", v.Modified)
	}
	d.add("go", v.Go)
	d.add("model format", v.Model)
	d.add("image format", v.Image)
	for _, name := range v.Chips {
		d.add("chip", name)
	}
	return d.writeText(w)
}
