package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"decc/chipsim/report"
	"decc/compiler"
	"decc/compiler/passes"
	"decc/ir"
	"decc/ir/diag"
)

// mappingFlags choose how compartments go to cores.
type mappingFlags struct {
	mapper  string
	traffic string // file, "" for one spike each
}

func (f *mappingFlags) register(cmd *cobra.Command) {
	f.mapper = passes.Mappers()[0]
	addChoice(cmd, cmd.Flags(), &f.mapper, "mapper", passes.Mappers(), "how compartments are divided over cores; spikes do not depend on it")
	cmd.Flags().StringVar(&f.traffic, "traffic", "", "spikes of a run (decc run --json) that the mapping weighs; default: all compartments spike alike")
}

// options reads the traffic file for a module.
func (f *mappingFlags) options(m *ir.Module) (compiler.Options, error) {
	o := compiler.Options{Mapper: f.mapper}
	if f.traffic == "" {
		return o, nil
	}
	in, err := (&Env{}).ReadInput(f.traffic)
	if err != nil {
		return o, err
	}
	o.Traffic, err = readTraffic(f.traffic, in, m)
	return o, err
}

// trafficFile is what both forms of a run's JSON say of spikes.
type trafficFile struct {
	Groups     []groupSummary `json:"groups"`
	Recordings []struct {
		Input  trafficLayer   `json:"input"`
		Layers []trafficLayer `json:"layers"`
	} `json:"recordings"`
}

type trafficLayer struct {
	Name   string `json:"name"`
	Spikes int    `json:"spikes"`
}

// readTraffic spreads the spikes of each input and group of a run evenly over its members,
// in the unit of compiler.Options.Traffic.
func readTraffic(name string, data []byte, m *ir.Module) (map[string][]int64, error) {
	var f trafficFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, diag.Errorf(diag.Pos{File: name}, codeTraffic, "found %s, expected what decc run --json writes", jsonComplaint(err)).
			WithFix("decc run MODEL --json > FILE")
	}
	total := map[string]int{}
	for _, g := range f.Groups {
		total[g.Name] += g.Spikes
	}
	for _, r := range f.Recordings {
		for _, l := range append(r.Layers, r.Input) {
			total[l.Name] += l.Spikes
		}
	}
	traffic := map[string][]int64{}
	for source, spikes := range total {
		if n, ok := m.SourceSize(source); ok && n > 0 {
			traffic[source] = []int64{int64(spikes) * passes.OneSpike / int64(n)}
		}
	}
	if len(traffic) == 0 {
		return nil, diag.Errorf(diag.Pos{File: name}, codeTraffic, "found spikes of %d groups, none is of module %s", len(total), m.Name).
			WithFix("use a run of the same model: decc run MODEL --json > FILE")
	}
	return traffic, nil
}

func jsonComplaint(err error) string { return strings.TrimPrefix(err.Error(), "json: ") }

// survey is the mapping that was chosen beside the yardstick.
type survey struct {
	Model    string           `json:"model"`
	Target   string           `json:"target"`
	Digest   string           `json:"module_digest"`
	Traffic  string           `json:"traffic"`
	Mappings []passes.Mapping `json:"mappings"` // the chosen one first
	chip     struct{ tilesX, tilesY int }
}

// survey measures the built mapping, and the sequential one for comparison.
func (b *built) survey(ctx context.Context) (*survey, error) {
	p := b.project
	o, err := p.flags.mapping.options(b.module)
	if err != nil {
		return nil, err
	}
	s := &survey{Model: b.module.Name, Target: p.chip.Name, Digest: ir.Digest(b.compiled.Module), Traffic: "one spike of every input and compartment"}
	if p.flags.mapping.traffic != "" {
		s.Traffic = filepath.Base(p.flags.mapping.traffic)
	}
	s.chip.tilesX, s.chip.tilesY = p.chip.TilesX, p.chip.TilesY
	s.Mappings = append(s.Mappings, passes.Measure(b.compiled.Module, p.chip, o.Mapper, o.Traffic))
	if o.Mapper == passes.Sequential {
		return s, nil
	}
	o.Mapper = passes.Sequential
	pipeline := passes.Default(p.chip)
	pipeline.Options = o
	yardstick, err := pipeline.Run(ctx, b.module)
	if err != nil {
		return nil, err
	}
	s.Mappings = append(s.Mappings, passes.Measure(yardstick.Module, p.chip, o.Mapper, o.Traffic))
	return s, nil
}

// mappingRows are the figures of a mapping, as the table and the page show them.
var mappingRows = []struct {
	name  string
	value func(m *passes.Mapping) float64
}{
	{"cores", func(m *passes.Mapping) float64 { return float64(m.Cores) }},
	{"chips", func(m *passes.Mapping) float64 { return float64(m.Chips) }},
	{"mean fill of a core, %", func(m *passes.Mapping) float64 { return 100 * m.Fill() }},
	{"packets from the host", func(m *passes.Mapping) float64 { return m.InputPackets }},
	{"packets between cores", func(m *passes.Mapping) float64 { return m.Packets }},
	{"packets that leave their chip", func(m *passes.Mapping) float64 { return m.CrossChip }},
	{"packets within a core", func(m *passes.Mapping) float64 { return m.LocalPackets }},
	{"spike-hops", func(m *passes.Mapping) float64 { return m.Hops }},
	{"load of the worst link", func(m *passes.Mapping) float64 { return m.Worst().Load }},
}

func (s *survey) rows() [][]string {
	var list [][]string
	for _, r := range mappingRows {
		line := []string{r.name}
		for i := range s.Mappings {
			line = append(line, fmt.Sprintf("%.10g", round(r.value(&s.Mappings[i]), 10)))
		}
		if len(s.Mappings) > 1 {
			line = append(line, ratio(r.value(&s.Mappings[0]), r.value(&s.Mappings[1])))
		}
		list = append(list, line)
	}
	return append(list, s.tables()...)
}

// tables are the rows of the resources that the chosen mapping uses.
func (s *survey) tables() [][]string {
	var list [][]string
	for _, t := range s.Mappings[0].Tables {
		line := []string{t.Resource + ", mean and fullest core, %"}
		for i := range s.Mappings {
			line = append(line, tableText(s.Mappings[i].Tables, t.Resource))
		}
		if len(s.Mappings) > 1 {
			line = append(line, "")
		}
		list = append(list, line)
	}
	return list
}

func tableText(tables []passes.TableFill, resource string) string {
	for _, t := range tables {
		if t.Resource == resource {
			return fmt.Sprintf("%.0f, %.0f", 100*t.Mean, 100*t.Fullest)
		}
	}
	return "0, 0"
}

func round(x, parts float64) float64 { return float64(int64(x*parts+0.5)) / parts }

func ratio(x, y float64) string {
	if y == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", x/y)
}

func (s *survey) heads() []string {
	list := []string{"mapping"}
	for _, m := range s.Mappings {
		list = append(list, m.Mapper)
	}
	if len(s.Mappings) > 1 {
		list = append(list, "ratio")
	}
	return list
}

// print writes the comparison as a table.
func (s *survey) print(w io.Writer) error {
	t := newTable(anys(s.heads())...)
	for _, line := range s.rows() {
		t.AppendRow(row(anys(line)...))
	}
	if _, err := fmt.Fprintf(w, "\nMapping, weighed by %s:\n", s.Traffic); err != nil {
		return err
	}
	if err := writeTable(w, t); err != nil {
		return err
	}
	if worst := s.Mappings[0].Worst(); worst.Load > 0 {
		_, err := fmt.Fprintf(w, "the worst link leads from %s\n", worst)
		return err
	}
	return nil
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}

// surveyForms are the files that --report can write, by extension.
var surveyForms = map[string]func(s *survey, w io.Writer) error{
	".json": func(s *survey, w io.Writer) error { return writeJSON(w, s) },
	".png":  (*survey).picture,
	".html": (*survey).page,
}

func (env *Env) writeSurvey(s *survey, file string) error {
	form := surveyForms[strings.ToLower(filepath.Ext(file))]
	if form == nil {
		return usagef("--report=%s: the name ends in .json, .png or .html", file)
	}
	return env.WriteResult(file, func(w io.Writer) error { return form(s, w) })
}

// picture draws the floors of all mappings.
func (s *survey) picture(w io.Writer) error {
	f := report.Floorplan{Title: fmt.Sprintf("%s on %s", s.Model, s.Target)}
	for i := range s.Mappings {
		f.Panels = append(f.Panels, panelOf(&s.Mappings[i]))
	}
	f.Width, f.Height = report.Extent(s.chip.tilesX, s.chip.tilesY, f.Panels)
	return report.FloorplanPicture(w, f)
}

func panelOf(m *passes.Mapping) report.FloorPanel {
	p := report.FloorPanel{Title: fmt.Sprintf("%s: %d cores, %.10g packets between cores, %.10g spike-hops", m.Mapper, m.Cores, round(m.Packets, 10), round(m.Hops, 10))}
	for _, c := range m.Places {
		p.Cores = append(p.Cores, report.FloorCore(c))
	}
	for _, l := range m.Links {
		d := report.Directions[l.To]
		p.Links = append(p.Links, report.FloorLink{X: l.X, Y: l.Y, DX: d[0], DY: d[1], Load: l.Load})
	}
	return p
}

// surveyPage is the report as one file that needs no other.
var surveyPage = template.Must(template.New("mapping").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}}</title>
<style>body{font:15px/1.5 sans-serif;color:#222b36;max-width:72em;margin:2em auto;padding:0 1em}
table{border-collapse:collapse}td,th{padding:.2em 1em;border-bottom:1px solid #e3e6ea;text-align:right}
td:first-child,th:first-child{text-align:left}img{max-width:100%}</style></head><body>
<h1>{{.Title}}</h1><p>Module {{.Digest}}. Weighed by {{.Traffic}}.</p>
<table><tr>{{range .Heads}}<th>{{.}}</th>{{end}}</tr>
{{range .Rows}}<tr>{{range .}}<td>{{.}}</td>{{end}}</tr>
{{end}}</table><p><img alt="floorplan" src="{{.Picture}}"></p></body></html>
`))

func (s *survey) page(w io.Writer) error {
	var picture bytes.Buffer
	if err := s.picture(&picture); err != nil {
		return err
	}
	return surveyPage.Execute(w, map[string]any{
		"Title": fmt.Sprintf("%s on %s", s.Model, s.Target), "Digest": s.Digest[:12], "Traffic": s.Traffic, "Heads": s.heads(), "Rows": s.rows(),
		"Picture": template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(picture.Bytes())),
	})
}
