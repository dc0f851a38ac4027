package validate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"decc/chipsim/stimulus"
	"decc/compiler/decolle"
	"decc/ir"
	"decc/ir/diag"
	"decc/ir/spikes"
)

// Options of a replay.
type Options struct {
	// Engine is one of EngineNames, or "" for the first.
	Engine string
	// Load turns the model that a manifest names into a module with its own stimulus.
	Load func(ctx context.Context, model string) (Network, error)
	// Images opens a data set of labelled images for a manifest.
	Images func(set string) (*stimulus.Images, error)
}

// Network is a module with the input that its model describes; Rows is 0 where the
// model says nothing.
type Network struct {
	Module *ir.Module
	Inputs map[string]spikes.Train
	Rows   int
}

// maxReplayBytes bounds a recorded file.
const maxReplayBytes = 256 << 20

// replayFormats tells recorded files apart by what is in them.
var replayFormats = []struct {
	name   string
	schema string
	run    func(ctx context.Context, file string, data []byte, o Options) (Verdict, error)
}{
	{"integer traces of an emulator", "golden/1", replayGolden},
	{"float traces of the DECOLLE reference", "decolle-golden/1", replayDecolle},
}

// Replay runs what a recorded file describes on an engine and compares, without
// tolerance for integers. The error is for files that cannot be read; a difference
// is a Verdict.
func Replay(ctx context.Context, path string, o Options) (Verdict, error) {
	data, err := readBounded(path, maxReplayBytes)
	if err != nil {
		return Verdict{}, err
	}
	if looksLikeManifest(data) {
		return replayManifest(ctx, path, data, o)
	}
	schema, err := schemaOf(path, data)
	if err != nil {
		return Verdict{}, err
	}
	for _, f := range replayFormats {
		if f.schema == schema {
			return f.run(ctx, path, data, o)
		}
	}
	return unsupported(path, "schema %q is not one that decc replays", schema), nil
}

func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, diag.Errorf(diag.Pos{File: path}, "replay/open", "%v", errors.Unwrap(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, diag.Errorf(diag.Pos{File: path}, "replay/open", "%v", err)
	}
	if int64(len(data)) > limit {
		return nil, diag.Errorf(diag.AtOffset(path, limit), "replay/size", "the file is longer than %d MiB", limit>>20)
	}
	return data, nil
}

// schemaOf finds the top-level "schema" without decoding the rest.
func schemaOf(path string, data []byte) (string, error) {
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return "", jsonError(path, data, err)
	}
	return head.Schema, nil
}

// looksLikeManifest: JSON traces begin with a brace, manifests are YAML mappings.
func looksLikeManifest(data []byte) bool {
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	return len(trimmed) > 0 && trimmed[0] != '{'
}

// replayDecolle has a tolerance: its values are floats (golden/decolle/README.md).
// The float reference has one engine, its own.
func replayDecolle(ctx context.Context, file string, data []byte, _ Options) (Verdict, error) {
	res, err := decolle.ReplayGolden(ctx, file, data)
	if err != nil {
		return Verdict{}, err
	}
	v := Verdict{File: file, Status: Equal}
	for _, d := range res.Deviations {
		v.Compared += d.Values
	}
	if d := res.First; d != nil {
		v.Status = Differs
		v.First = &Difference{d.Row, fmt.Sprintf("layer %d %s", d.Layer, d.Object), d.Index, fmt.Sprint(d.Want), fmt.Sprint(d.Got)}
		v.Detail = fmt.Sprintf("%s (tolerance %.3g)", v.First, d.Tolerance)
	}
	return v, nil
}

// Codes explains the diagnostics of this package.
var Codes = append([]diag.CodeDoc{
	{Code: "course/key", Meaning: "learned values belong to another course of lessons", Example: "decc run --learn -o learned.npz after a change of the learning rate", Fix: "delete the file to start anew, or give another"},
	{Code: "course/state", Meaning: "a file of learned values is damaged or of another network", Example: "--learned of 784-512 for a network of 784-128", Fix: "give a file that this model learned"},
	{Code: "run/no-learner", Meaning: "the engine does not learn", Example: "--learn with an engine that only runs", Fix: "use --engine chip, native or interp"},
	{Code: "replay/open", Meaning: "a recorded file cannot be read", Example: "decc replay missing.json", Fix: "check the path and its permissions"},
	{Code: "replay/size", Meaning: "a recorded file is too long to be a trace", Example: "a core dump", Fix: "split the recording"},
	{Code: "replay/json", Meaning: "a recorded file is not the JSON it should be", Example: "a truncated trace.json", Fix: "record or copy the file again"},
	{Code: "replay/content", Meaning: "a recorded file contradicts itself, for example in its sizes", Example: "u has 119 rows of 120", Fix: "record the file again"},
	{Code: "replay/manifest", Meaning: "a replay manifest is not as it should be", Example: "expect: [{spike: hidden}]", Fix: "see the format in the README of testdata/replay"},
	{Code: "replay/series", Meaning: "a recorded file of numbers holds something else, or too few", Example: "12, 13, x", Fix: "check the column and the separators"},
	{Code: "run/unknown-engine", Meaning: "there is no engine of that name", Example: "--engine chp", Fix: "use chip, native or interp"},
}, storeCodes...)
