package model

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"decc/compiler/model/weights"
	"decc/ir/diag"
	"decc/ir/sem"
)

// part is the schema of a definition.
func part(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	s := schema().at[schemaID+"#/$defs/"+name]
	if s == nil {
		t.Fatalf("the schema has no definition %q", name)
	}
	return s
}

// yamlKeys are the keys of a Go type; open is true where it takes any others.
func yamlKeys(typ reflect.Type) (fields map[string]reflect.Type, open bool) {
	fields = map[string]reflect.Type{}
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case option == "inline" && f.Type.Kind() == reflect.Map:
			open = true
		case option == "inline":
			inner, _ := yamlKeys(f.Type)
			maps.Copy(fields, inner)
		case name != "-" && name != "":
			fields[name] = f.Type
		}
	}
	return fields, open
}

// structOf is the struct that a type holds or points to, or the type itself.
func structOf(typ reflect.Type) reflect.Type {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	return typ
}

// mapped are types that read a mapping by themselves, with what they hold.
var mapped = map[reflect.Type]reflect.Type{reflect.TypeFor[Ints](): reflect.TypeFor[TensorRef](), reflect.TypeFor[Reals](): reflect.TypeFor[realRef]()}

// realRef is what a tensor of real numbers can be told: its rows and columns are not cut.
type realRef struct {
	File   string  `yaml:"file"`
	Name   string  `yaml:"tensor"`
	Layout string  `yaml:"layout"`
	Scale  float64 `yaml:"scale"`
}

func agree(t *testing.T, path string, s *jsonschema.Schema, typ reflect.Type) {
	t.Helper()
	s = resolved(s)
	for s.Items2020 != nil && len(s.Properties) == 0 {
		s = resolved(s.Items2020)
	}
	typ = structOf(typ)
	if inner := mapped[typ]; inner != nil {
		typ = inner
	}
	if typ.Kind() != reflect.Struct || len(s.Properties) == 0 {
		if typ.Kind() == reflect.Struct && additional(s) == nil && !strings.HasSuffix(path, "schedule") {
			t.Errorf("%s: Go has the struct %s, the schema no keys", path, typ)
		}
		return
	}
	fields, open := yamlKeys(typ)
	for name, field := range fields {
		if s.Properties[name] == nil {
			t.Errorf("%s: the schema lacks %q of %s", path, name, typ)
			continue
		}
		agree(t, path+"."+name, s.Properties[name], field)
	}
	for _, name := range keys(s) {
		if fields[name] == nil && !open {
			t.Errorf("%s: %s lacks %q of the schema", path, typ, name)
		}
	}
}

func TestSchemaAndTypesAgree(t *testing.T) {
	type decolleFile struct {
		Version     int    `yaml:"decc"`
		Name        string `yaml:"name"`
		Description string `yaml:"description"`
		Target      string `yaml:"target"`
		Dt          string `yaml:"dt"`
	}
	header, _ := yamlKeys(reflect.TypeFor[Header]())
	if here, _ := yamlKeys(reflect.TypeFor[decolleFile]()); !slices.Equal(slices.Sorted(maps.Keys(header)), slices.Sorted(maps.Keys(here))) {
		t.Fatalf("the header has the keys %v", header)
	}
	for name, typ := range map[string]reflect.Type{"decolle": reflect.TypeFor[Decolle](), "fixed": reflect.TypeFor[Fixed](), "spiking": reflect.TypeFor[Spiking]()} {
		s := *part(t, name)
		s.Properties = maps.Clone(s.Properties)
		for key := range header {
			if s.Properties[key] == nil {
				t.Errorf("%s: the schema lacks %q of the header", name, key)
			}
			delete(s.Properties, key)
		}
		agree(t, name, &s, typ)
	}
}

func TestSchemaDescribesEveryKey(t *testing.T) {
	seen := 0
	for _, k := range Keys() {
		if seen++; k.Meaning == "" && !strings.Contains(k.Path, "<name>") {
			t.Errorf("%s: %s has no description", k.Flavour, k.Path)
		}
		if k.Type == "" {
			t.Errorf("%s: %s has no type", k.Flavour, k.Path)
		}
	}
	if seen < 100 {
		t.Errorf("only %d keys found", seen)
	}
}

func TestSchemaKnowsTheProfiles(t *testing.T) {
	words := func(s *jsonschema.Schema) (out []string) {
		for _, w := range s.Enum.Values {
			out = append(out, w.(string))
		}
		return out
	}
	if got := words(part(t, "fixed").Properties["semantics"]); !slices.Equal(got, sem.ProfileNames()) {
		t.Errorf("semantics are %v, the profiles %v", got, sem.ProfileNames())
	}
	want := append(slices.Clone(sem.SignNames[:]), "split")
	if got := words(part(t, "synapse").Properties["sign"]); !slices.Equal(got, want) {
		t.Errorf("signs are %v, want %v", got, want)
	}
	for model := range surrogateOf {
		if !slices.Contains(words(part(t, "neuron").Properties["model"]), model) {
			t.Errorf("the schema lacks the model %q", model)
		}
	}
}

func TestSchemaIsACopy(t *testing.T) {
	Schema()[0] = 'x'
	if Schema()[0] != '{' {
		t.Error("Schema gave out its own bytes")
	}
}

func TestExplain(t *testing.T) {
	docs, err := Explain("neuron.alpha")
	if err != nil || len(docs) != 1 {
		t.Fatal(docs, err)
	}
	want := KeyDoc{"neuron.alpha", "decolle", "Decay of P (membrane) a row.", "a number from 0 to 0.999999", "0.97"}
	if docs[0] != want {
		t.Errorf("got %+v", docs[0])
	}
	for path, n := range map[string]int{"layers": 2, "layers[3].conv.kernel": 1, "layers.name": 2, "synapses[].weights.layout": 1, "groups.params": 1} {
		if docs, err := Explain(path); err != nil || len(docs) != n {
			t.Errorf("%s: %d entries, %v; want %d", path, len(docs), err, n)
		}
	}
	if _, err := Explain("neuron.alhpa"); err == nil || !strings.Contains(err.Error(), `did you mean "neuron.alpha"`) {
		t.Errorf("got %v", err)
	}
}

func TestCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes {
		if seen[c.Code] || c.Meaning == "" || c.Example == "" || c.Fix == "" {
			t.Errorf("%+v is twice or not complete", c)
		}
		seen[c.Code] = true
	}
}

// knownCodes fails on diagnostics whose code no table explains.
func knownCodes(t *testing.T, err error) {
	t.Helper()
	for _, d := range diag.All(err) {
		if !slices.ContainsFunc(append(slices.Clone(Codes), weights.Codes...), func(c diag.CodeDoc) bool { return c.Code == d.Code }) {
			t.Errorf("code %s is not in Codes", d.Code)
		}
	}
}
